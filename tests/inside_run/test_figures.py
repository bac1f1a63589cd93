"""A run has no windows: what would be shown is kept, each picture as a person would have seen it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inside_run.script_bench import Bench

KEPT = "Desktop AML: what plt.show() would show is kept as pictures in outputs/figures."

# Has each picture that is written tell how many curves are in it.
COUNTS = """
    import os
    import matplotlib
    from matplotlib.figure import Figure
    save = Figure.savefig
    def savefig(self, path, **options):
        save(self, path, **options)
        print(os.path.basename(path).lstrip("."), sum(len(axes.lines) for axes in self.axes), flush=True)
    Figure.savefig = savefig
    import matplotlib.pyplot as plt
"""


class Gallery(Bench):
    """Draws as a run does."""

    def draw(self, source: str, **env_vars: str) -> tuple[dict[str, int], list[str]]:
        """Return how many curves the last state of each picture holds, and what else was said."""
        out, err = self.good(COUNTS + source, **{"MPLBACKEND": "Agg", **env_vars})
        curves = {name: int(count) for name, count in (line.split() for line in out.splitlines())}
        return curves, err.splitlines()

    def kept(self) -> dict[str, bytes]:
        folder = self.folder / "run/snapshot/outputs/figures"
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())} if folder.is_dir() else {}


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path)


def test_each_show_ends_a_picture_and_the_next_begins_a_new_one(gallery):
    curves, said = gallery.draw("""
    for count in range(1, 4):
        for _ in range(count):
            plt.plot([1, 2, 3])
        plt.show()
    plt.plot([9, 8, 7])
    plt.savefig("saved_afterwards.png")
    """)
    assert curves == {"figure_01.png": 1, "figure_02.png": 2, "figure_03.png": 3, "saved_afterwards.png": 1}
    assert said == [KEPT]
    assert list(gallery.kept()) == ["figure_01.png", "figure_02.png", "figure_03.png"]
    assert all(picture.startswith(b"\x89PNG") for picture in gallery.kept().values())


def test_a_live_curve_is_kept_while_it_goes_on_and_as_it_was_last(gallery):
    curves, said = gallery.draw("""
    import glob
    shows = (
        lambda fig: plt.pause(0.001),
        lambda fig: plt.show(block=False),
        lambda fig: plt.show(False),
        lambda fig: fig.show(),
        lambda fig: (plt.ion(), plt.show()),
    )
    for number, show in enumerate(shows, 1):
        fig, ax = plt.subplots()
        for step in range(3):
            ax.plot([0, step])
            show(fig)
            assert len(glob.glob("run/snapshot/outputs/figures/*.png")) == number
        ax.plot([1, 1])
    """)
    assert set(curves.values()) == {4}
    assert len(curves) == 5
    assert said == [KEPT]


def test_windows_that_block_while_others_do_not_are_closed_by_it(gallery):
    curves, _ = gallery.draw("""
    plt.ion()
    plt.plot([1, 2])
    plt.show()
    plt.show(block=True)
    plt.plot([1, 2])
    assert plt.get_fignums() == [1]
    plt.close("all")
    """)
    assert curves == {"figure_01.png": 1}


def test_what_was_never_shown_is_kept_unless_the_script_saved_or_closed_it(gallery):
    curves, said = gallery.draw("""
    for number in range(5):
        plt.figure(number)
        plt.plot([1, number])
    plt.figure(1)
    plt.savefig("saved.png")
    plt.figure(2)
    plt.savefig("saved_then_changed.png")
    plt.plot([3, 3])
    plt.close(3)
    plt.figure(9)
    plt.ion()
    plt.figure(10)
    plt.plot([1, 2])
    plt.savefig("live.png")
    plt.plot([1, 2])
    """)
    assert curves == {"saved.png": 1, "saved_then_changed.png": 1, "live.png": 1, "figure_01.png": 1,
                      "figure_02.png": 2, "figure_03.png": 1, "figure_04.png": 2}  # fmt: skip
    assert said == [KEPT]


def test_a_failing_script_keeps_what_it_drew(gallery):
    ended = gallery.run("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nraise ValueError('a')\n", MPLBACKEND="Agg")
    assert ended.returncode == 1
    assert list(gallery.kept()) == ["figure_01.png"]


def test_processes_of_one_run_do_not_write_over_each_other(gallery):
    gallery.good(
        """
        import os, subprocess, sys
        import matplotlib.pyplot as plt
        plt.plot([1, 2])
        plt.show()
        plt.plot([2, 1])
        code = "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()"
        subprocess.run([sys.executable, "-c", code], check=True)
        if os.fork() == 0:
            sys.exit()  # what its parent has drawn is its parent's
        os.wait()
        """,
        MPLBACKEND="Agg",
    )
    assert list(gallery.kept()) == ["figure_01.png", "figure_02.png", "figure_03.png"]


def test_too_many_figures_are_said_once(gallery):
    curves, said = gallery.draw("""
    from desktop_aml_run.compatibility import figures
    figures._LIMIT = 2
    for _ in range(4):
        plt.plot([1, 2])
        plt.show()
    """)
    assert list(curves) == ["figure_01.png", "figure_02.png"]
    assert said == [KEPT, "Desktop AML: a run keeps 2 figures; those that come now are not kept."]


def test_a_picture_that_cannot_be_kept_breaks_nothing(gallery):
    (gallery.folder / "run" / "snapshot").write_text("no folder")
    out, err = gallery.good(
        "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()\nprint('on')\n", MPLBACKEND="Agg"
    )
    assert out == "on\n"
    assert "a figure could not be kept" in err


WINDOWS = """
    import matplotlib
    matplotlib.use("TkAgg")
    import matplotlib.pyplot as plt
    plt.plot([1, 2])
    matplotlib.use("Qt5Agg", force=True)
    plt.switch_backend("GTK3Agg")
    assert plt.get_fignums() == [1]
    plt.show()
    print(matplotlib.get_backend().lower())
"""
NO_WINDOW = "Desktop AML: a run has no windows, so matplotlib draws with Agg instead of TkAgg."


def test_a_script_that_chooses_a_window_draws_without_one_and_is_told(gallery):
    out, err = gallery.good(WINDOWS, MPLBACKEND="Agg")
    assert out == "agg\n"
    assert err.splitlines() == [NO_WINDOW, KEPT]
    assert list(gallery.kept()) == ["figure_01.png"]
    for own in ({"MPLBACKEND": "Agg", "DESKTOP_AML_RUN_DIR": ""}, {"MPLBACKEND": "svg"}):
        assert "Desktop AML" not in gallery.run(WINDOWS, **own).stderr


def test_figures_are_kept_without_the_restored_names_too(gallery):
    gallery.good(WINDOWS, MPLBACKEND="Agg", DESKTOP_AML_COMPATIBILITY="off")
    assert list(gallery.kept()) == ["figure_01.png"]


def test_what_a_script_asks_of_a_window_is_passed_over(gallery):
    _, err = gallery.good(
        """
        import matplotlib.pyplot as plt
        plt.plot([1, 2])
        manager = plt.get_current_fig_manager()
        manager.window.state("zoomed")
        manager.window.showMaximized()
        manager.window.wm_geometry("+%d+%d" % (manager.window.winfo_screenwidth() / 2, 10))
        manager.window.setGeometry(*manager.window.maxsize())
        manager.frame.Maximize(True)
        manager.resize(*manager.window.maxsize())
        width, height = manager.window.maxsize()
        plt.gcf().canvas.manager.window.attributes("-topmost", 1)
        plt.show()
        """,
        MPLBACKEND="Agg",
    )
    assert err.splitlines() == [
        "Desktop AML: a run has no windows; what the script asks of one (window) is passed over.",
        "Desktop AML: a run has no windows; what the script asks of one (frame) is passed over.",
        KEPT,
    ]


def test_a_backend_of_ones_own_shows_by_itself(gallery):
    (gallery.folder / "own_backend.py").write_text(
        "from matplotlib.backends.backend_agg import *\n"
        "from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas\n"
        "from matplotlib.backend_bases import FigureManagerBase as FigureManager\n"
        "def show(*args, **options): print('shown by its own')\n"
    )
    out, _ = gallery.good(
        """
        import matplotlib
        matplotlib.use("module://own_backend")
        import matplotlib.pyplot as plt
        plt.plot([1, 2])
        plt.show()
        """,
        MPLBACKEND="Agg",
    )
    assert out == "shown by its own\n"


def test_a_figure_that_cannot_be_saved_fails_without_a_frame_of_ours(gallery):
    ended = gallery.run(
        "import matplotlib.pyplot as plt\nplt.plot([1])\nplt.savefig('no/such/folder/a.png')\n", MPLBACKEND="Agg"
    )
    assert "FileNotFoundError" in ended.stderr
    assert "desktop_aml_run" not in ended.stderr


PLOTLY_SHOWS = """
import plotly.graph_objects as go, plotly.io, plotly.offline
def figure(name):
    return go.Figure(go.Scatter(x=[1, 2], y=[3, 4], name=name), layout={"title": {"text": name}})
figure("by-itself").show()
figure("as-a-page").show(renderer="browser")
plotly.io.show(figure("by-the-module"))
plotly.io.renderers.default = "browser+png"
plotly.io.show(figure("by-default").to_dict())
plotly.offline.plot(figure("offline"), filename="mine.html", include_plotlyjs="cdn")
plotly.offline.iplot(figure("in-a-notebook"))
"""


def test_pages_of_plotly_are_kept_however_they_are_shown(gallery):
    # With plotly itself: what a version of it calls to show a figure is its own.
    _, err = gallery.good(PLOTLY_SHOWS, MPLBACKEND="Agg")
    pages = gallery.kept()
    titles = ("by-itself", "as-a-page", "by-the-module", "by-default", "offline", "in-a-notebook")
    assert list(pages) == [f"figure_0{number}.html" for number in range(1, 7)] + ["plotly.min.js"]
    for title, page in zip(titles, pages.values(), strict=False):
        assert f'"{title}"' in page.decode()
    assert err.splitlines() == [
        "Desktop AML: what plotly would show is kept as pages in outputs/figures.",
        "Desktop AML: what a browser would show is kept as pages in outputs/figures.",
    ]


def test_an_animation_is_played_to_its_end_and_its_last_picture_kept(gallery):
    out, err = gallery.good(
        """
        import itertools
        import matplotlib.animation as animation, matplotlib.pyplot as plt
        from desktop_aml_run.compatibility import animations
        animations._MOST_FRAMES = 20
        seen = []
        def trial(frames, step=None, **options):
            fig, ax = plt.subplots()
            line, = ax.plot([0, 1], [0, 1])
            def draw(frame):
                seen.append(frame)
                line.set_ydata([frame, frame])
                return [line]
            return line, animation.FuncAnimation(fig, step or draw, frames=frames, **options)
        line, first = trial(5)
        plt.show()
        print(line.get_ydata(), sorted(set(seen)))
        line, endless = trial(itertools.count(), cache_frame_data=False, blit=True)
        plt.show()
        print(line.get_ydata())
        def bad(frame):
            raise ValueError("in a step")
        line, broken = trial(3, bad, init_func=lambda: None)
        plt.show()
        line, shown_never = trial(4)
        """,
        MPLBACKEND="Agg",
    )
    assert out == "[4, 4] [0, 1, 2, 3, 4]\n[19, 19]\n"
    assert err.splitlines() == [
        "Desktop AML: an animation is kept as its last picture; its save() makes a file of all of them.",
        KEPT,
        "Desktop AML: an animation could not be played to its end: ValueError: in a step",
    ]
    assert len(gallery.kept()) == 4


def test_a_script_that_was_a_notebook_draws_with_agg(gallery):
    first = "module://matplotlib_inline.backend_inline"
    out, err = gallery.good(
        f"""
        import matplotlib
        for backend in ("{first}", "module://backend_interagg", "ipympl"):
            matplotlib.use(backend)
        import matplotlib.pyplot as plt
        plt.plot([1])
        plt.show()
        print(matplotlib.get_backend().lower())
        """,
        MPLBACKEND="Agg",
    )
    assert out == "agg\n"
    assert err.splitlines() == [NO_WINDOW.replace("TkAgg", first), KEPT]
