# The two calls of "requests" that the script needs, from the standard library.
import urllib.error
import urllib.request


def post(url, body, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body.encode(), headers), timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def get(url, headers):
    with urllib.request.urlopen(urllib.request.Request(url, None, headers), timeout=60) as answer:
        return answer.read().decode()
