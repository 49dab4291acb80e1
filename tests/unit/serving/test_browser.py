"""The pages of `lbmrc serve`, clicked through in a headless Chromium."""

import socket
import subprocess
import sys
import time

import pytest
import requests
from browser import browser
from readers import calibrate, write_xlm

pytest.importorskip("uvicorn", reason="lbmrc[serve] is not installed")

PASSAGE = "Beyoncé 🎤🎤 sang “Halo” in Santa Clara. The Denver Broncos beat the Panthers."


@pytest.fixture
def address(tmp_path, repository):
    calibrate(write_xlm(tmp_path))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "lbmrc.cli", "serve", str(tmp_path), "--port", str(port)]
    process = subprocess.Popen(command, cwd=repository)
    address, end = f"http://127.0.0.1:{port}", time.monotonic() + 120
    try:
        while True:
            try:
                requests.get(f"{address}/health", timeout=10)
                break
            except requests.ConnectionError:
                assert process.poll() is None and time.monotonic() < end
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()


@pytest.mark.slow
def test_a_question_is_asked_and_its_answer_marked(address):
    with browser() as window:
        window.open(address)
        window.wait("document.querySelectorAll('#passage-language option').length > 10")
        assert "zh" not in window.texts("#passage-language option")
        # the driver types no characters beyond the basic plane
        window.script("document.getElementById('passage').value = arguments[0]", PASSAGE)
        window.type("#question", "Wer hat dort damals gesungen?")
        window.choose("#passage-language", "en")
        window.click("button")
        window.wait("!document.getElementById('answer').hidden")
        asked = {"question": "Wer hat dort damals gesungen?", "passage": PASSAGE}
        found = requests.post(
            f"{address}/answer", json=asked | {"passage_language": "en"}, timeout=60
        ).json()
        assert window.text("#text") == found["text"]
        assert window.text("mark") == found["text"] in PASSAGE
        assert window.text("#passage-shown") == PASSAGE
        assert window.text("#read-as") == "question read as de, passage as en"
        assert window.text("#confidence") == f"{100 * found['confidence']:.1f}%"
        assert len(window.texts("#alternatives tr")) == 2

        # a server that takes its time: the page says that it works on it
        window.script(
            "window.real = fetch; window.fetch = () => new Promise((_, no) => { fail = no })"
        )
        window.click("#ask")
        assert window.text("#ask") == "Answering…"
        assert window.script("return document.getElementById('ask').disabled")
        assert window.script(
            "return getComputedStyle(document.getElementById('result')).opacity < 1"
        )
        window.script("fail(new Error('gone')); window.fetch = real")
        window.wait("document.getElementById('problem').textContent")
        assert window.text("#problem") == "no answer: gone" and window.text("#ask") == "Answer"
        assert window.script("return document.getElementById('answer').hidden")

        window.script("document.getElementById('passage').value = ' '")
        window.click("button")
        window.wait("document.getElementById('problem').textContent")
        assert "the passage is empty" in window.text("#problem")

        arabic = "p => getComputedStyle(p).direction === 'rtl'"
        write = "p => { p.value = 'أين غنت بيونسيه؟' }"
        window.script(f"document.querySelectorAll('textarea, input').forEach({write})")
        assert window.script(
            f"return [...document.querySelectorAll('textarea, input')].every({arabic})"
        )
        hide = "const row = document.getElementById('languages'); row.hidden = true;"
        assert window.script(f"{hide} return getComputedStyle(row).display") == "none"

        window.size(390, 800, dark=True)
        assert window.script("return document.documentElement.scrollWidth <= innerWidth")
        window.open(f"{address}/docs")
        window.wait("document.querySelectorAll('main h2').length >= 3")
        assert window.texts("main h2")[:2] == ["POST /answer", "GET /health"]
        assert window.script("return document.documentElement.scrollWidth <= innerWidth")
        assert not [error for error in window.errors() if "422" not in error]
