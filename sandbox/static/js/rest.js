// The REST side: everything this page does, it does as the chosen person, through the same routes as any client.

export class RestError extends Error {
  constructor(status, body) {
    super(explain(body) || `The server answered ${status}`);
    this.status = status;
    this.code = body?.code ?? 0;
  }
}

/** Discord's message, with the first field error below it when there is one. */
function explain(body) {
  if (!body || typeof body.message !== "string") return "";
  const detail = firstDetail(body.errors);
  return detail ? `${body.message}: ${detail}` : body.message;
}

function firstDetail(tree) {
  if (!tree || typeof tree !== "object") return "";
  if (Array.isArray(tree._errors)) return tree._errors[0]?.message ?? "";
  for (const branch of Object.values(tree)) {
    const found = firstDetail(branch);
    if (found) return found;
  }
  return "";
}

export class Rest {
  constructor(base) {
    this.base = base;
    this.token = "";
  }

  get(path) {
    return this.send("GET", path);
  }

  post(path, body = {}, files = []) {
    return this.send("POST", path, body, files);
  }

  patch(path, body) {
    return this.send("PATCH", path, body);
  }

  put(path, body) {
    return this.send("PUT", path, body);
  }

  delete(path) {
    return this.send("DELETE", path);
  }

  async send(method, path, body, files = [], attempt = 0) {
    const headers = { Authorization: this.token };
    let payload;
    if (files.length) payload = multipart(body, files);
    else if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      payload = JSON.stringify(body);
    }
    let response;
    try {
      response = await fetch(this.base + path, { method, headers, body: payload });
    } catch {
      throw new RestError(0, { message: "The sandbox cannot be reached; is it still running?" });
    }
    if (response.status === 204) return null;
    const answer = await response.json().catch(() => null);
    if (response.status === 429 && attempt < 3) {
      const seconds = Math.min(Number(answer?.retry_after ?? 1), 10);
      await new Promise((done) => setTimeout(done, seconds * 1000));
      return this.send(method, path, body, files, attempt + 1);
    }
    if (!response.ok) throw new RestError(response.status, answer);
    return answer;
  }
}

function multipart(body, files) {
  const form = new FormData();
  const attachments = files.map((file, index) => ({ id: String(index), filename: file.name }));
  form.append("payload_json", JSON.stringify({ attachments, ...body }));
  files.forEach((file, index) => form.append(`files[${index}]`, file, file.name));
  return form;
}
