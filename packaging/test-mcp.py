#!/usr/bin/env python3
"""Talks to `telleaks mcp` with the official Python SDK as the client.

Usage: packaging/test-mcp.py PROGRAM. Needs `pip install mcp`; without it the script says so and exits with 0.
"""

import asyncio
import pathlib
import sys
import tempfile

try:
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client
except ImportError:
    print("SKIPPED: the Python package mcp is not installed")
    sys.exit(0)

KEY = "_".join(["KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4" + "XD1PEQFaKWydG"])
ID, SECRET = KEY.split("_")


def text(result):
    return "\n".join(one.text for one in result.content)


def data(result):
    return getattr(result, "structuredContent", None) or getattr(result, "structured_content", None)


def failed(result):
    return getattr(result, "isError", None) or getattr(result, "is_error", None) or False


async def main(program):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "a.env")
        file.write_text(f"A=1\nTELNYX_API_KEY={KEY}\n")
        server = StdioServerParameters(command=program, args=["mcp"], cwd=folder)
        async with stdio_client(server) as streams, ClientSession(*streams) as session:
            welcome = await session.initialize()
            print("version of the protocol:", getattr(welcome, "protocolVersion", None) or welcome.protocol_version)
            tools = {tool.name for tool in (await session.list_tools()).tools}
            assert tools == {"scan_text", "scan_path", "explain", "redact"}, tools
            calls = [
                ("scan_text", {"text": f"use {KEY}"}, ID),
                ("scan_text", {"text": "harmless"}, "No leaks found."),
                ("scan_path", {"path": "a.env"}, "a.env:2"),
                ("scan_path", {"path": folder}, ID),
                ("explain", {"place": "a.env:2"}, "reported"),
                ("redact", {"text": f"use {KEY} now"}, " now"),
                ("redact", {"path": "a.env"}, "A=1"),
            ]
            for name, arguments, expected in calls:
                result = await session.call_tool(name, arguments)
                assert not failed(result), (name, text(result))
                assert expected in text(result) and SECRET not in text(result), (name, text(result))
                print("ok:", name, sorted(arguments))
            found = data(await session.call_tool("scan_path", {"path": "a.env"}))
            assert found["clean"] is False and found["findings"][0]["key_id"] == ID, found
            result = await session.call_tool("scan_path", {"path": "no/such"})
            assert failed(result) and "no such file" in text(result)
            await session.send_ping()
    print("all right")


asyncio.run(main(str(pathlib.Path(sys.argv[1]).resolve())))
