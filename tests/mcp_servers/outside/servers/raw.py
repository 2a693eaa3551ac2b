"""Servers that no library would make, by hand over standard streams: `python raw.py MANNER`.

malformed: some of its tools are no tools. quiet: does not answer what it does not know. deaf: answers nothing at all.
mismatch: its structured answer does not fit its own schema. noisy: prints what is no JSON, and secrets to stderr.
rude: answers calls with errors of its own in the library's codes. dying: ends before it says anything.
"""

import json
import sys
import time

from pydantic import JsonValue

OBJECT: JsonValue = {"type": "object"}
GOOD: dict[str, JsonValue] = {"name": "good", "description": "Works.", "inputSchema": OBJECT}
TOOLS: dict[str, list[JsonValue]] = {
    "malformed": [
        {"name": "no-schema"},
        {"name": "array-schema", "inputSchema": {"type": "array"}},
        {"name": 7, "inputSchema": OBJECT},
        "not even an object",
        {"name": "loose", "inputSchema": {"properties": {"a": {"type": "string"}}}, "outputSchema": {"type": "array"}},
        {"name": "wrong-hint", "inputSchema": OBJECT, "annotations": {"readOnlyHint": "who knows"}},
        {
            "name": "huge",
            "inputSchema": {"type": "object", "properties": {f"p{n}": {"enum": ["x" * 99]} for n in range(900)}},
        },
        GOOD,
        GOOD,
    ],
    "mismatch": [
        {**GOOD, "outputSchema": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}}
    ],
}
ANSWER: dict[str, JsonValue] = {"content": [{"type": "text", "text": "the text"}]}


def answer(manner: str, method: str) -> dict[str, JsonValue]:
    if method == "initialize":
        info: JsonValue = {"name": "raw", "version": "1"}
        return {"result": {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": info}}
    if method == "tools/list":
        return {"result": {"tools": TOOLS.get(manner, [GOOD])}}
    if method == "tools/call" and manner == "rude":
        return {"error": {"code": -32000, "message": "no more credit"}}
    if method == "tools/call":
        structured: dict[str, JsonValue] = {"structuredContent": {"n": "three"}} if manner == "mismatch" else {}
        return {"result": {**ANSWER, **structured}}
    return {"error": {"code": -32601, "message": "Method not found"}}


def main(manner: str) -> None:
    if manner == "dying":
        sys.exit("the licence has run out")
    if manner == "noisy":
        print("Welcome to the noisy server!", flush=True)
        print("my token is hunter2-hunter2", file=sys.stderr, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        known = request.get("method") in {"initialize", "tools/list", "tools/call"}
        if manner == "deaf":
            time.sleep(3600)
        elif "id" in request and (known or manner != "quiet"):
            print(json.dumps({"jsonrpc": "2.0", "id": request["id"], **answer(manner, request["method"])}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
