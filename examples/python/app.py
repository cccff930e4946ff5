"""A shop with a chat, by the standard library alone: an HTTP/1.0 server whose back end talks HTTP/1.0 to a deployment.

Its log-in takes any name, and stands for that of a real application. `/` shows the widget; `/plain` is the chat without a script.
"""

import base64
import hashlib
import hmac
import html
import http.client
import json
import os
import secrets
import time
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

PORT = int(os.environ.get("PORT", "3000"))
CHAT_URL = os.environ["CHAT_URL"]
CHAT_JWT_SECRET = os.environ["CHAT_JWT_SECRET"].encode()

# Session cookie -> name of the user. Ends with the process.
sessions = {}


def sign_session(name):
    """Returns a JWT (HS256) by which the deployment knows the user for a minute."""

    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    claims = {"sub": name.lower(), "name": name, "exp": int(time.time()) + 60}
    signed = b".".join(encode(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return (signed + b"." + encode(hmac.new(CHAT_JWT_SECRET, signed, hashlib.sha256).digest())).decode()


class Connection10(http.client.HTTPConnection):
    _http_vsn = 10
    _http_vsn_str = "HTTP/1.0"


class SecureConnection10(http.client.HTTPSConnection):
    _http_vsn = 10
    _http_vsn_str = "HTTP/1.0"


def call(method, path, credential, body=None):
    """Sends a request to the chat. Returns the JSON of the response; raises RuntimeError with the problem's code."""
    url = urlsplit(CHAT_URL)
    connect = SecureConnection10 if url.scheme == "https" else Connection10
    connection = connect(url.netloc, timeout=30)
    try:
        headers = {"Authorization": f"Bearer {credential}", "Content-Type": "application/json"}
        connection.request(method, f"/nereid-chat/{path}", None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    finally:
        connection.close()
    if response.status >= 400:
        raise RuntimeError(answer.get("code"))
    return answer


def latest_messages(credential):
    """Returns the newest messages of the latest conversation."""
    for thread in call("GET", "threads?limit=1", credential)["threads"]:
        return call("GET", f"threads/{quote(thread['id'])}/messages?limit=20", credential)["messages"]
    return []


LOGIN = """<form method="post" action="/login">
<label>Your name <input name="name" maxlength="64" required></label> <button type="submit">Log in</button></form>"""
WIDGET = f"""<script src="{html.escape(CHAT_URL)}/nereid-chat/chat.js" defer></script>
<nereid-chat token-url="/chat-token"></nereid-chat>"""
COMPOSER = """<form method="post" action="/plain">
<label>To <input name="to" required></label> <label>Message <input name="text" required></label>
<button type="submit">Send</button></form>"""


def plain(name):
    messages = latest_messages(sign_session(name))
    lines = (f"<li>{html.escape(author(it))}: {html.escape(it.get('text', ''))}</li>" for it in messages)
    return f"<ol>{''.join(lines)}</ol>{COMPOSER}"


def author(message):
    sender = message["sender"]
    return sender.get("displayName", sender["id"])


class Shop(BaseHTTPRequestHandler):
    def user(self):
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("session")
        return cookie and sessions.get(cookie.value)

    def answer(self, status, kind="text/html; charset=utf-8", body="", headers=()):
        data = body.encode()
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(data))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def page(self, body):
        head = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop with a chat</title></head>'
        self.answer(200, body=f"{head}<body><h1>A shop</h1>{body}</body></html>")

    def fields(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        return {name: values[0].strip() for name, values in parse_qs(body).items()}

    def do_GET(self):
        path, name = urlsplit(self.path).path, self.user()
        if path not in ("/", "/plain"):
            self.answer(404)
        elif name is None:
            self.page(LOGIN)
        else:
            self.page(plain(name) if path == "/plain" else WIDGET)

    def do_POST(self):
        name, fields = self.user(), self.fields()
        if self.path == "/login" and fields.get("name"):
            session = secrets.token_urlsafe()
            sessions[session] = fields["name"][:64]
            cookie = ("Set-Cookie", f"session={session}; HttpOnly; SameSite=Lax; Path=/")
            back = "/plain" if urlsplit(self.headers.get("Referer", "")).path == "/plain" else "/"
            self.answer(303, headers=(("Location", back), cookie))
        elif name is None:
            self.answer(401)
        elif self.path == "/chat-token":
            self.answer(200, "application/json", json.dumps(call("POST", "token", sign_session(name))))
        elif self.path == "/plain":
            message = {"to": [fields.get("to", "")], "text": fields.get("text", "")}
            try:
                call("POST", "send", sign_session(name), {"type": "message", "message": message})
                self.answer(303, headers=(("Location", "/plain"),))
            except RuntimeError as refused:
                self.page(f'<p role="alert">Not sent: {html.escape(str(refused))}</p>{plain(name)}')
        else:
            self.answer(404)


if __name__ == "__main__":
    print(f"Serving on http://localhost:{PORT}", flush=True)
    ThreadingHTTPServer(("localhost", PORT), Shop).serve_forever()
