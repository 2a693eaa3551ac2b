// The gateway connection: identify or resume, heartbeat, and reconnecting with growing pauses.

const OP = { dispatch: 0, heartbeat: 1, identify: 2, voice: 4, resume: 6, reconnect: 7, members: 8, invalid: 9, hello: 10, ack: 11 };
const INTENTS = 0x3ffffff;
const FATAL = new Set([4004, 4010, 4011, 4012, 4013, 4014]);
const START_AFRESH = new Set([4003, 4007, 4009]);

export class Gateway {
  /** onEvent(type, data) for dispatches; onStatus("connecting" | "ready" | "lost" | "refused") for the bar. */
  constructor({ url, onEvent, onStatus }) {
    this.url = url;
    this.onEvent = onEvent;
    this.onStatus = onStatus;
    this.socket = null;
    this.token = "";
    this.forget();
  }

  forget() {
    this.session = null;
    this.sequence = null;
    this.resumeUrl = null;
    this.failures = 0;
  }

  /** Connects as the person of this token; whoever was connected before is gone. */
  start(token) {
    this.stop();
    this.forget();
    this.token = token;
    this.connect();
  }

  stop() {
    clearTimeout(this.retry);
    this.quiet();
    const old = this.socket;
    this.socket = null;
    if (old) old.close(1000);
  }

  connect() {
    this.onStatus(this.failures ? "lost" : "connecting");
    const base = this.session && this.resumeUrl ? this.resumeUrl : this.url;
    const socket = new WebSocket(`${base}${base.includes("?") ? "&" : "?"}v=10&encoding=json`);
    this.socket = socket;
    socket.onmessage = (event) => {
      if (socket === this.socket) this.receive(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.lost(event.code);
    };
  }

  lost(code) {
    this.quiet();
    this.socket = null;
    if (FATAL.has(code)) {
      this.onStatus("refused");
      return;
    }
    if (START_AFRESH.has(code)) this.session = null;
    this.failures += 1;
    // A resume address that does not answer must not keep us out for ever.
    if (this.failures > 2) this.resumeUrl = null;
    this.onStatus("lost");
    const pause = Math.min(300 * 2 ** (this.failures - 1), 8000) * (0.8 + Math.random() * 0.4);
    this.retry = setTimeout(() => this.connect(), pause);
  }

  /** Drops this socket and comes back at once, resuming where possible. */
  reconnect() {
    const old = this.socket;
    this.lost(4000);
    if (old) old.close(4000);
  }

  receive({ op, d, s, t }) {
    if (s !== null && s !== undefined) this.sequence = s;
    if (op === OP.dispatch) this.dispatch(t, d);
    else if (op === OP.hello) this.hello(d.heartbeat_interval);
    else if (op === OP.ack) this.acknowledged = true;
    else if (op === OP.heartbeat) this.beat();
    else if (op === OP.reconnect) this.reconnect();
    else if (op === OP.invalid) {
      if (!d) this.session = null;
      this.reconnect();
    }
  }

  dispatch(type, data) {
    if (type === "READY") {
      this.session = data.session_id;
      this.resumeUrl = data.resume_gateway_url ?? null;
    }
    if (type === "READY" || type === "RESUMED") {
      this.failures = 0;
      this.onStatus("ready");
    }
    this.onEvent(type, data);
  }

  hello(interval) {
    this.acknowledged = true;
    this.heart = setInterval(() => {
      if (!this.acknowledged) this.reconnect();
      else {
        this.acknowledged = false;
        this.beat();
      }
    }, interval);
    if (this.session) this.send(OP.resume, { token: this.token, session_id: this.session, seq: this.sequence });
    else this.identify();
  }

  identify() {
    const properties = { os: "web", browser: "digmbot sandbox", device: "digmbot sandbox" };
    this.send(OP.identify, { token: this.token, intents: INTENTS, properties, compress: false });
  }

  beat() {
    this.send(OP.heartbeat, this.sequence);
  }

  askForMembers(guildId) {
    this.send(OP.members, { guild_id: guildId, query: "", limit: 0 });
  }

  joinVoice(guildId, channelId) {
    this.send(OP.voice, { guild_id: guildId, channel_id: channelId, self_mute: true, self_deaf: false });
  }

  send(op, d) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ op, d }));
  }

  quiet() {
    clearInterval(this.heart);
  }
}
