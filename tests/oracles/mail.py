# Reads a message as Python's library does, strictly: mail.py FILE FOLDER.  Leaves its parts in the folder, as
# plain and html, and prints its fields, what kind its parts are, and defects as JSON.
import email
import email.policy
import json
import pathlib
import sys

raw = pathlib.Path(sys.argv[1]).read_bytes()
message = email.message_from_bytes(raw, policy=email.policy.default)
folder = pathlib.Path(sys.argv[2])
parts = [part for part in message.walk() if not part.is_multipart()]
for part in parts:
    (folder / part.get_content_subtype()).write_bytes(part.get_payload(decode=True))
defects = [str(defect) for part in message.walk() for defect in part.defects]
defects += [str(defect) for value in message.values() for defect in value.defects]
print(json.dumps({
    "type": message.get_content_type(),
    "fields": message.keys(),
    "to": [str(address) for address in message["to"].addresses],
    "from": str(message["from"] or ""),
    "subject": str(message["subject"]),
    "date": message["date"].datetime.isoformat(),
    "id": str(message["message-id"]),
    "parts": [[part.get_content_type(), part.get_content_charset(), part["content-transfer-encoding"]] for part in parts],
    "defects": defects,
    "longest": max(len(line) for line in raw.split(b"\n")),
    "ascii": raw.isascii() and b"\r" not in raw,
    "dangerous": [line.decode() for line in raw.split(b"\n") if line == b"." or line.startswith(b"From ")],
}))
