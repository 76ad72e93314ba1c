#!/usr/bin/env python3
"""Talks to `telleaks lsp` with pytest-lsp as the client.

Usage: packaging/test-lsp.py PROGRAM. Needs `pip install pytest-lsp`; without it the script says so and exits with 0.
"""

import asyncio
import os
import pathlib
import random
import statistics
import sys
import time

try:
    import pytest
    import pytest_lsp
    from lsprotocol import types
    from pygls.exceptions import JsonRpcException
    from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
except ImportError:
    print("SKIPPED: the Python package pytest-lsp is not installed")
    sys.exit(0)

PROGRAM = os.environ.get("TELLEAKS", "telleaks")
ID, REST = "KEY0198C0FFEE5A4B7C8D9E0F1A2B3C4D5E", "hwqtpZbC4" + "XD1PEQFaKWydG"
KEY = "_".join([ID, REST])


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[PROGRAM, "lsp", "--stdio"]))
async def client(request, lsp_client: LanguageClient, tmp_path_factory):
    folder = tmp_path_factory.mktemp("workspace")
    # pytest-lsp knows no handler for it.
    lsp_client.feature("client/registerCapability")(lambda *_: None)
    lsp_client.folder = folder
    await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=client_capabilities("visual-studio-code"),
            workspace_folders=[types.WorkspaceFolder(uri=folder.as_uri(), name="workspace")],
        )
    )
    yield
    await lsp_client.shutdown_session()


def open_text(client, name, language, text):
    uri = (client.folder / name).as_uri()
    item = types.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))
    return uri


async def diagnostics(client, uri):
    params = types.DocumentDiagnosticParams(text_document=types.TextDocumentIdentifier(uri=uri))
    return (await client.text_document_diagnostic_async(params)).items


@pytest.mark.asyncio
async def test_diagnostic_hover_and_fix(client: LanguageClient):
    uri = open_text(client, "a.py", "python", f'a = "😀"; key = "{KEY}"\n')
    [found] = await diagnostics(client, uri)
    assert found.code == "telnyx-api-key" and found.severity == types.DiagnosticSeverity.Error
    assert found.code_description.href.endswith("/docs/rules/telnyx-api-key.md")
    assert (found.range.start.line, found.range.start.character) == (0, 17)
    assert REST not in found.message and ID in found.message
    place = types.TextDocumentIdentifier(uri=uri)
    hover = await client.text_document_hover_async(types.HoverParams(text_document=place, position=found.range.start))
    assert "How to revoke it" in hover.contents.value and REST not in hover.contents.value
    context = types.CodeActionContext(diagnostics=[found])
    params = types.CodeActionParams(text_document=place, range=found.range, context=context)
    actions = await client.text_document_code_action_async(params)
    assert len(actions) == 4, [action.title for action in actions]
    [change] = actions[0].edit.document_changes
    assert any("os.environ" in edit.new_text for edit in change.edits)


@pytest.mark.asyncio
async def test_diagnostics_of_the_workspace_and_cancellation(client: LanguageClient):
    (client.folder / "b.txt").write_text(KEY)
    params = types.WorkspaceDiagnosticParams(previous_result_ids=[])
    report = await client.workspace_diagnostic_async(params)
    assert [item.uri for item in report.items] == [(client.folder / "b.txt").as_uri()]
    for number in range(300):
        (client.folder / f"{number}.txt").write_text("harmless\n" * 40_000)
    waiting = client.protocol.send_request("workspace/diagnostic", params, msg_id="cancelled")
    client.cancel_request(types.CancelParams(id="cancelled"))
    with pytest.raises(JsonRpcException) as refused:
        await asyncio.wrap_future(waiting)
    assert refused.value.code == -32800
    uri = open_text(client, "after.txt", "plaintext", KEY)
    assert len(await diagnostics(client, uri)) == 1


@pytest.mark.asyncio
async def test_edits_of_50_000_lines(client: LanguageClient):
    lines = ["let harmless = value + other_value;"] * 50_000
    uri = open_text(client, "long.js", "javascript", "\n".join(lines))
    assert not await diagnostics(client, uri)
    chance, times = random.Random(1), []
    for version in range(2, 60):
        at = types.Position(chance.randrange(50_000), 4)
        new = f" {KEY} " if version == 40 else "x"
        change = types.TextDocumentContentChangePartial(range=types.Range(at, at), text=new)
        document = types.VersionedTextDocumentIdentifier(uri=uri, version=version)
        started = time.perf_counter()
        params = types.DidChangeTextDocumentParams(text_document=document, content_changes=[change])
        client.text_document_did_change(params)
        found = await diagnostics(client, uri)
        times.append(time.perf_counter() - started)
        assert len(found) == (version >= 40)
    print(f"an edit of 50,000 lines until its diagnostics are here, with the client: {statistics.median(times) * 1e3:.2f} ms")


if __name__ == "__main__":
    os.environ["TELLEAKS"] = str(pathlib.Path(sys.argv[1]).resolve())
    options = ["-q", "-s", "-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function"]
    sys.exit(pytest.main([*options, __file__]))
