"""Calls to copy run as they are, also those of a script that does not say what it takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from desktop_aml.serving.script_requests import read_script
from desktop_aml.serving.snippets import curl_call, python_call


def test_the_call_of_a_script_that_says_nothing_takes_its_body_from_a_file(deploy_script, tmp_path: Path):
    endpoint = deploy_script(
        """
        import json
        def init(): pass
        def run(data): return {"sum": sum(json.loads(data)["numbers"])}
        """
    )
    found = read_script(endpoint.folder)
    (tmp_path / "request.json").write_text('{"numbers": [1, 2, 3]}')
    code = python_call(endpoint.uri, found)
    python = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert python.stdout.strip() == "{'sum': 6}"
    call = curl_call(endpoint.uri, found)
    assert "--data @request.json" in call
    curl = subprocess.run(["sh", "-c", call], capture_output=True, text=True, check=False, cwd=tmp_path)
    if curl.returncode != 127:
        assert json.loads(curl.stdout) == {"sum": 6}
