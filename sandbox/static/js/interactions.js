// Interactions as a person's client starts them: commands, component clicks, autocomplete and modal forms.

import { h } from "./dom.js";
import { dialog, orToast, toast } from "./overlay.js";
import { makeNonce } from "./snowflake.js";
import { modalFields } from "./render/modal.js";

export class Interactions {
  constructor(app) {
    this.app = app;
    this.waiting = new Map();
    this.choices = new Map();
    this.index = new Map();
  }

  // --- which commands there are ---

  /** The commands offered here, subcommands flattened: {name, appName, options, path, command}. */
  async commandsOfType(type) {
    const { app } = this;
    const channel = app.store.channels.get(app.channelId);
    const guildIds = channel?.guild_id ? [channel.guild_id] : [...app.store.guilds.keys()];
    for (const guildId of guildIds) {
      const entry = await this.commandIndex(guildId);
      const here = entry.filter((c) => (c.type ?? 1) === type && (channel?.guild_id || this.worksInDirect(c, channel)));
      if (here.length) return here.flatMap((command) => flatten(command, this.appName(command)));
    }
    return [];
  }

  async commandIndex(guildId) {
    const known = this.index.get(guildId);
    if (known && Date.now() - known.at < 15_000) return known.commands;
    const answer = await this.app.rest.get(`/guilds/${guildId}/application-command-index`).catch(() => null);
    const commands = answer?.application_commands ?? [];
    this.index.set(guildId, { at: Date.now(), commands });
    return commands;
  }

  worksInDirect(command, channel) {
    const recipients = (channel?.recipients ?? []).map((user) => user.id);
    return !command.guild_id && recipients.includes(command.application_id) && command.dm_permission !== false && (!command.contexts || command.contexts.includes(1));
  }

  appName(command) {
    const user = this.app.store.users.get(command.application_id);
    return user ? this.app.store.nameOf(user) : "app";
  }

  // --- starting one ---

  base(type, applicationId) {
    const { app } = this;
    const guildId = app.store.channels.get(app.channelId)?.guild_id;
    return { type, application_id: applicationId, channel_id: app.channelId, session_id: app.store.sessionId, nonce: makeNonce(), ...(guildId ? { guild_id: guildId } : {}) };
  }

  async post(body, files, settled) {
    this.waiting.set(body.nonce, settled);
    try {
      await this.app.rest.post("/interactions", body, files);
    } catch (error) {
      if (!("status" in error)) throw error;
      this.settle(body.nonce, false);
      toast(error.message);
    }
  }

  runCommand(entry, options, files = []) {
    const { command, path } = entry;
    const nested = path.reduceRight((inner, step) => [{ type: step.type, name: step.name, options: inner }], options);
    const attachments = files.map((file, index) => ({ id: String(index), filename: file.name }));
    const data = { version: command.version, id: command.id, name: command.name, type: command.type ?? 1, options: nested, attachments, ...(command.guild_id ? { guild_id: command.guild_id } : {}) };
    return this.post({ ...this.base(2, command.application_id), data }, files, (ok) => ok || toast("The application did not respond."));
  }

  runMessageCommand({ command }, message) {
    const data = { version: command.version, id: command.id, name: command.name, type: 3, target_id: message.id, options: [], attachments: [] };
    return this.post({ ...this.base(2, command.application_id), data }, [], (ok) => ok || toast("The application did not respond."));
  }

  click(message, component, values, control) {
    const wasDisabled = control.disabled;
    control.disabled = true;
    control.classList.add("waiting");
    const settled = (ok) => {
      control.disabled = wasDisabled;
      control.classList.remove("waiting");
      if (!ok) toast("This interaction failed.");
    };
    const data = { component_type: component.type, custom_id: component.custom_id, ...(component.type === 2 ? {} : { values }) };
    const body = { ...this.base(3, message.application_id ?? message.author.id), message_id: message.id, message_flags: message.flags ?? 0, data };
    return this.post(body, [], settled);
  }

  /** Asks the application for choices of the focused option; calls back when they arrive. */
  autocomplete(entry, options, onChoices) {
    const { command, path } = entry;
    const nested = path.reduceRight((inner, step) => [{ type: step.type, name: step.name, options: inner }], options);
    const data = { version: command.version, id: command.id, name: command.name, type: command.type ?? 1, options: nested, attachments: [] };
    const body = { ...this.base(4, command.application_id), data };
    this.choices.clear();
    this.choices.set(body.nonce, onChoices);
    return this.app.rest.post("/interactions", body).catch(() => this.choices.delete(body.nonce));
  }

  // --- what comes back ---

  event(type, data) {
    if (type === "INTERACTION_SUCCESS") this.settle(data.nonce, true);
    else if (type === "INTERACTION_FAILURE") this.settle(data.nonce, false);
    else if (type === "INTERACTION_MODAL_CREATE") this.openModal(data);
    else if (type === "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE") this.choices.get(data.nonce)?.(data.choices ?? []);
  }

  settle(nonce, ok) {
    const settled = this.waiting.get(nonce);
    this.waiting.delete(nonce);
    settled?.(ok);
  }

  openModal(modal) {
    const applicationId = modal.application?.id ?? modal.application_id;
    const fields = modalFields(this.app, modal.components ?? []);
    const note = h("p", { class: "subtext" }, `This form goes to ${this.appName({ application_id: applicationId })}.`);
    dialog({
      title: modal.title,
      body: [note, ...fields.nodes],
      onSubmit: () => {
        const data = { id: modal.id, custom_id: modal.custom_id, components: fields.values() };
        return orToast(() => this.post({ ...this.base(5, applicationId), data }, [], (ok) => ok || toast("Something went wrong with this form.")));
      },
    });
  }
}

/** A command with subcommands becomes one entry each: "/reminders list". */
function flatten(command, appName, options = command.options ?? [], path = []) {
  const inner = options.filter((option) => option.type === 1 || option.type === 2);
  if (!inner.length) return [{ name: [command.name, ...path.map((step) => step.name)].join(" "), description: path[path.length - 1]?.description ?? command.description, appName, options, path, command }];
  return inner.flatMap((step) => flatten(command, appName, step.options ?? [], [...path, step]));
}
