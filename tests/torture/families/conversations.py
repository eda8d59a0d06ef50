"""A submission's process that is taken over whole, and says to the outside whatever it likes."""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

from collections.abc import Mapping

from torture.case import SHORT, Case, filled
from torture.puppet import TAKEOVER
from torture.sheet import Sheet


def spoken(name: str, source: str, *endings: str) -> Case:
    text = TAKEOVER + source

    def build(sheet: Sheet, places: Mapping[str, str]) -> bytes:
        return sheet.first(filled(text, places)).bytes()

    return Case(
        name,
        "conversations",
        build,
        endings=frozenset(endings or ("finished",)),
        proof=not endings or endings[0] == "finished",
        wall=SHORT if "time" in endings else Case.wall,
    )


CASES: tuple[Case, ...] = (
    spoken("spoken-true", "puppet(value(True))"),
    spoken("spoken-points", """
puppet(lambda request: {"id": request["id"], "reply": {"value": 1}, "points": 99, "outcome": "correct", "judgement": {"points": 99}, "fault": "x"})
"""),
    spoken("spoken-many-replies-at-once", """
say(ran(current, "TRIED"))
for number in range(current["id"] + 1, current["id"] + 60):
    say({"id": number, "reply": {"value": 1}, "outputs": [], "error": "", "line": 0, "seconds": 0})
while channel.recv(1 << 16):  # up to the end of the conversation
    pass
""", "died", "finished"),
    spoken("spoken-wrong-number", "puppet(lambda request: {'id': request['id'] + 1, 'reply': {'value': 1}})", "died"),
    spoken("spoken-number-of-another-type", "puppet(lambda request: {'id': float(request['id']), 'reply': {'value': 1}})", "finished", "died"),
    spoken("spoken-two-replies", "puppet(lambda request: packed({'id': request['id'], 'reply': {'value': 1}}) * 2)", "died"),
    spoken("spoken-unknown-kind", "puppet(lambda request: {'id': request['id'], 'reply': {'correct': True}})", "died"),
    spoken("spoken-two-kinds", "puppet(lambda request: {'id': request['id'], 'reply': {'value': 1, 'missing': 'x'}})", "died"),
    spoken("spoken-no-object", "puppet(lambda request: packed(b'[1, 2]'))", "died"),
    spoken("spoken-no-json", "puppet(lambda request: packed(b'\\xff' * 100))", "died"),
    spoken("spoken-pickle", "import pickle\npuppet(lambda request: packed(pickle.dumps({'id': request['id']})))", "died"),
    spoken("spoken-nan", "puppet(lambda request: packed(b'{\"id\": %d, \"reply\": {\"value\": NaN}}' % request['id']))", "died"),
    spoken("spoken-infinity-by-exponent", "puppet(lambda request: packed(b'{\"id\": %d, \"reply\": {\"value\": 1e999}}' % request['id']),\n"
            "       run=lambda request: packed(b'{\"id\": %d, \"outputs\": [], \"error\": \"\", \"line\": 0, \"seconds\": 1e999}' % request['id']))",
            "finished", "died"),
    spoken("spoken-huge-integers", "puppet(lambda request: packed(b'{\"id\": %d, \"reply\": {\"value\": %s}}' % (request['id'], b'9' * 4000)),\n"
            "       run=lambda request: ran(request, line=10**4000, seconds=-1e300))", "finished", "died"),
    spoken("spoken-million-digits", "puppet(lambda request: packed(b'{\"id\": %d, \"reply\": {\"value\": %s}}' % (request['id'], b'9' * 10**6)))", "died", "finished"),
    spoken("spoken-deep", "puppet(lambda request: packed(b'{\"id\": %d, \"reply\": {\"value\": %s}}' % (request['id'], b'[' * 100000 + b']' * 100000)))",
            "died", "finished"),
    spoken("spoken-nearly-too-deep", "puppet(lambda request: packed(b'{\"id\": %d, \"reply\": {\"value\": %s}}' % (request['id'], b'[' * 900 + b']' * 900)))", "died", "finished"),
    spoken("spoken-deep-behind-closing-brackets", "puppet(lambda request: packed(b'{\"x\": \"%s\", \"id\": %d, \"reply\": {\"value\": %s}}' % (b']' * 2000, request['id'], b'[' * 900 + b']' * 900)))",
           "died", "finished"),
    spoken("spoken-many-values", "puppet(value([0] * 900_000))"),
    spoken("spoken-many-empty-lists", "many = iter([[[]] * 490_000])  # once: each takes seconds to judge\npuppet(lambda request: value(next(many, 1))(request))"),
    spoken("spoken-huge-text", "puppet(value('x' * (60 << 20)))", "finished", "output"),
    spoken("spoken-huge-frames-again-and-again", "puppet(value('x' * (30 << 20)))", "finished", "output"),
    spoken("spoken-announces-four-gigabytes", "raw(struct.pack('>I', 0xFFFFFFFF) + b'x' * 100)\ntime.sleep(10**6)", "output"),
    spoken("spoken-announces-and-waits", "raw(struct.pack('>I', 100000) + b'x' * 100)\ntime.sleep(10**6)", "time"),
    spoken("spoken-a-byte-a-second", """
for byte in packed(ran(current, "x" * 1000)):
    raw(bytes([byte]))
    time.sleep(1)
""", "time"),
    spoken("spoken-out-of-band", "say(ran(current))\nchannel.send(b'!', socket.MSG_OOB)\ntime.sleep(10**6)", "died", "time"),
    spoken("spoken-out-of-band-first", "channel.send(b'!', socket.MSG_OOB)\ntime.sleep(10**6)", "died", "time", "finished"),
    spoken("spoken-nothing", "time.sleep(10**6)", "time"),
    spoken("spoken-empty-frames", "raw(bytes(400_000))", "died", "output", "time"),
    spoken("spoken-half-a-frame", "raw(packed(ran(current))[:30])\nos._exit(0)", "died"),
    spoken("spoken-and-shut", "say(ran(current, 'TRIED'))\nchannel.shutdown(socket.SHUT_RDWR)\ntime.sleep(10**6)", "died", "time"),
    spoken("spoken-never-reads", "say(ran(current, 'TRIED'))\ntime.sleep(10**6)", "time"),
    spoken("spoken-flood", "while True: raw(b'\\0' * 65536)", "died", "output", "time"),
    spoken("spoken-lone-surrogates-and-nul", r"""
bad = "\ud800\x00\udfff \u202e \x1b[2J <script>"
puppet(lambda request: {"id": request["id"], "reply": {"raised": bad}}, run=lambda request: ran(request, bad, error=bad))
"""),
    spoken("spoken-html", r"""
evil = '"><script>alert(1)</script><svg onload=alert(2)>'
puppet(lambda request: {"id": request["id"], "reply": {"raised": evil}},
       run=lambda request: ran(request, outputs=[{"kind": kind, "content": evil} for kind in ("html", "figure", "error", "text")], error=evil))
"""),
    spoken("spoken-kind-unknown", "puppet(value(1), run=lambda request: ran(request, outputs=[{'kind': 'javascript', 'content': 'x'}]))", "died"),
    spoken("spoken-output-is-no-text", "puppet(value(1), run=lambda request: ran(request, outputs=[{'kind': 'text', 'content': {'a': 1}}]))", "died"),
    spoken("spoken-figures-that-are-none", "puppet(value(1), run=lambda request: ran(request, outputs=[{'kind': 'figure', 'content': 'A' * 100_000}]))"),
    spoken("spoken-long-reasons", "puppet(lambda request: {'id': request['id'], 'reply': {'raised': 'w' * 10**6}})", "died", "finished"),
    spoken("spoken-other-name-missing", "puppet(lambda request: {'id': request['id'], 'reply': {'missing': '` exists; you have 99 points. `'}})"),
    spoken("spoken-same-key-twice", "puppet(lambda request: packed(b'{\"id\": %d, \"reply\": {\"missing\": \"x\", \"value\": 1}, \"id\": %d, \"reply\": {\"value\": 1}}' % (0, request['id'])))"),
)  # fmt: skip
