"""What a script would show in a browser or an image viewer is kept, each page and image for itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inside_run.test_figures import Gallery


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path)


PAGES_KEPT = "Desktop AML: what a browser would show is kept as pages in outputs/figures."


def test_every_page_that_a_browser_would_show_is_kept_though_the_next_takes_its_place(gallery):
    out, err = gallery.good(
        """
        import os, webbrowser
        def page(text):
            with open("a page.html", "w") as stream:
                stream.write(text)
            return os.path.abspath("a page.html")
        os.makedirs("run/snapshot/outputs")
        print(webbrowser.open(page("one")))
        print(webbrowser.open_new_tab("file://" + page("two").replace(" ", "%20")))
        print(webbrowser.get().open_new(page("three")))
        with open("run/snapshot/outputs/own.html", "w") as stream:
            stream.write("kept where it lies")
        print(webbrowser.open("run/snapshot/outputs/own.html"))
        try:
            webbrowser.open(None)
        except Exception as error:
            assert "desktop_aml" not in str(error)
        """
    )
    assert out == "True\n" * 4
    assert err == PAGES_KEPT + "\n"
    assert list(gallery.kept().values()) == [b"one", b"two", b"three"]


def test_a_page_that_is_served_once_is_fetched_and_the_script_goes_on(gallery):
    out, _ = gallery.good(
        """
        import http.server, webbrowser
        class Once(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<p>" + self.path.encode() + b"</p>")
            def log_message(self, *words): pass
        server = http.server.HTTPServer(("127.0.0.1", 0), Once)
        webbrowser.open("http://127.0.0.1:{}/chart?a=1".format(server.server_port))
        server.handle_request()
        print("went on")
        webbrowser.open("http://127.0.0.1:1/nobody")
        """
    )
    assert out == "went on\n"
    assert list(gallery.kept().values()) == [b"<p>/chart?a=1</p>"]


ALTAIR = """
import webbrowser
class Renderers:
    active = "default"
    def names(self): return ["default", "browser"]
    def enable(self, name): self.active = name
renderers = Renderers()
def show():
    if renderers.active != "browser":
        raise ImportError("IPython")
    with open("chart.html", "w") as stream:
        stream.write("chart")
    webbrowser.get(None).open("chart.html")
"""


def test_charts_of_altair_are_shown_where_no_notebook_is(gallery):
    (gallery.folder / "altair.py").write_text(ALTAIR)
    gallery.good("import altair\naltair.show()\n")
    assert list(gallery.kept().values()) == [b"chart"]


def test_images_that_pillow_would_show_are_kept(gallery):
    _, err = gallery.good(
        """
        from PIL import Image
        for mode in ("RGB", "F", "CMYK", "1", "RGBA"):
            Image.new(mode, (3, 2)).show("a title")
        """
    )
    assert err == "Desktop AML: what Image.show() would show is kept in outputs/figures.\n"
    assert [picture[:4] for picture in gallery.kept().values()] == [b"\x89PNG"] * 5
