"""What a scoring script may answer with."""

from __future__ import annotations

from tests.serving.conftest import healthy


def test_an_answer_in_pieces_is_sent_whole_and_newer_names_are_the_same(deploy_script):
    endpoint = healthy(
        deploy_script("""
        from azureml_inference_server_http.api.aml_request import AMLRequest, rawhttp
        from azureml_inference_server_http.api.aml_response import AMLResponse
        def init(): pass
        def pieces(items):
            for item in items:
                yield "item: %s\\n" % item
            yield b"end"
        @rawhttp
        def run(request: AMLRequest):
            return AMLResponse(pieces(request.get_json()["items"]), 200)
        """)
    )
    answer = endpoint.post({"items": [1, "é"]})
    assert (answer.status, answer.body) == (200, "item: 1\nitem: é\nend".encode())
    assert endpoint.post({"items": 1}).status == 500
