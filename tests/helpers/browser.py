"""A headless Chromium to click through pages with, by the WebDriver protocol (W3C) alone."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_SECONDS = 60
KEYS = {"Escape": "\ue00c", "Enter": "\ue007", "ArrowDown": "\ue015", "End": "\ue010"}


class Browser:
    """One window."""

    def __init__(self, session: str):
        self._session = session

    def command(self, method: str, path: str, **body: Any) -> Any:
        """The value that the driver answers with; fails on its errors."""
        data = body if method == "post" else None
        answer = requests.request(method, f"{self._session}/{path}", json=data, timeout=_SECONDS)
        value = answer.json()["value"]
        assert answer.ok, value["message"]
        return value

    def open(self, address: str) -> None:
        self.command("post", "url", url=address)

    def address(self) -> str:
        return self.command("get", "url")

    def script(self, code: str, *arguments: Any) -> Any:
        """What a function body returns."""
        return self.command("post", "execute/sync", script=code, args=list(arguments))

    def text(self, selector: str) -> str:
        return self.command("get", f"element/{self._find(selector)}/text")

    def texts(self, selector: str) -> list[str]:
        return self.script(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.innerText)", selector
        )

    def click(self, selector: str) -> None:
        self.command("post", f"element/{self._find(selector)}/click")

    def type(self, selector: str, text: str) -> None:
        self.command("post", f"element/{self._find(selector)}/value", text=text)

    def press(self, *keys: str) -> None:
        """Keys to where the focus is."""
        events = [
            {"type": kind, "value": KEYS.get(key, key)}
            for key in keys
            for kind in ("keyDown", "keyUp")
        ]
        actions = [{"type": "key", "id": "keyboard", "actions": events}]
        self.command("post", "actions", actions=actions)

    def choose(self, selector: str, value: str) -> None:
        """An option of a select."""
        self.click(f'{selector} option[value="{value}"]')

    def size(self, width: int, height: int, dark: bool = False) -> None:
        """Of the page, not of the window; and the colours that its user likes."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self._devtools("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._devtools("Emulation.setEmulatedMedia", {"features": [scheme]})

    def _devtools(self, name: str, parameters: dict[str, Any]) -> Any:
        return self.command("post", "goog/cdp/execute", cmd=name, params=parameters)

    def wait(self, condition: str, *arguments: Any) -> None:
        """Until an expression is true."""
        end = time.monotonic() + _SECONDS
        while not self.script(f"return {condition}", *arguments):
            assert time.monotonic() < end, f"still not: {condition}"
            time.sleep(0.05)

    def errors(self) -> list[str]:
        """What the console has of errors since the last question."""
        return [entry["message"] for entry in self.command("post", "se/log", type="browser")]

    def _find(self, selector: str) -> str:
        found = self.command("post", "element", using="css selector", value=selector)
        return found[_ELEMENT]


@contextmanager
def browser() -> Iterator[Browser]:
    """A window of Chromium; skips the test where Chromium or its driver is not installed."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("needs chromium and chromedriver (Debian: chromium chromium-driver)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([driver, f"--port={port}"], stdout=subprocess.DEVNULL)
    try:
        session = _session(f"http://127.0.0.1:{port}", chromium)
        try:
            yield Browser(session)
        finally:
            requests.delete(session, timeout=_SECONDS)
    finally:
        process.terminate()
        process.wait()


def _session(driver: str, chromium: str) -> str:
    end = time.monotonic() + _SECONDS
    while True:
        try:
            requests.get(f"{driver}/status", timeout=_SECONDS)
            break
        except requests.ConnectionError:
            assert time.monotonic() < end, "chromedriver does not answer"
            time.sleep(0.1)
    arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    capabilities = {
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": chromium, "args": arguments},
        "goog:loggingPrefs": {"browser": "SEVERE"},
    }
    asked = {"capabilities": {"alwaysMatch": capabilities}}
    answer = requests.post(f"{driver}/session", json=asked, timeout=_SECONDS)
    assert answer.ok, answer.text
    return f"{driver}/session/{answer.json()['value']['sessionId']}"
