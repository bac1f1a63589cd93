"""Say what to do instead of installing while a run is under way. Standard library; Python 3.6 to 3.14."""

import sys


def words(arguments: "list[str]") -> str:
    """Return what to tell whoever called ``pip ARGUMENTS``."""
    named = [one for one in arguments[1:] if not one.startswith("-")] if arguments[:1] == ["install"] else []
    wanted = " ".join(named)
    return (
        "pip is not in the environment of this run, which stays as it was built, so that runs can be repeated.\n"
        "Add {} to the environment, and take the call out of the script. To have pip itself in it, add a line `- pip` "
        "(in a requirements file `pip`).\n".format(wanted or "what is missing")
    )


if __name__ == "__main__":
    sys.stderr.write(words(sys.argv[1:]))
    sys.exit(1)
