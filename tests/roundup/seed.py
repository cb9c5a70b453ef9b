"""Fills a tracker of Roundup's classic template: `seed.py TRACKER [CONTACTS]`.

People are all of one class: users with the role User are agents, users with the role Anonymous are
contacts. Two agents and one who left, the contacts, two issues of the first contact with a message
each. The first BURST contacts have one and the same stamp (more than a page of the manifest), the
others have a second each, as an import followed by daily work leaves them.
"""

import sqlite3
import sys
from datetime import datetime, timedelta
from pathlib import Path

import roundup.instance

BURST = 250
START = datetime(2026, 5, 1, 7, 0, 0)


def fill(tracker: Path, contacts: int) -> list[str]:
    db = roundup.instance.open(str(tracker)).open("admin")
    try:
        for name in ("olivia", "tim", "gone"):
            agent = db.user.create(
                username=name, address=f"{name}@example.com", realname=f"{name.title()} Smith", roles="User"
            )
        db.user.retire(agent)
        ids = [
            db.user.create(
                username=f"contact{number}",
                address=f"contact{number}@example.com",
                alternate_addresses=f"c{number}@example.com" if number == 1 else "",
                realname=f"Contact {number:04d}",
                phone=f"+1415555{number:04d}",
                organisation="Example Inc" if number % 2 else "",
                roles="Anonymous",
            )
            for number in range(1, contacts + 1)
        ]
        for title, status in (("It does not start", "chatting"), ("A question", "resolved")):
            text = db.msg.create(author=ids[0], content=f"{title}.\nPlease help.")
            db.issue.create(
                title=title, nosy=[ids[0]], messages=[text], priority="1", status=db.status.lookup(status)
            )
        db.commit()
        return ids
    finally:
        db.close()


def stamp(database: Path, ids: list[str]) -> None:
    with sqlite3.connect(database) as connection:
        for position, number in enumerate(ids):
            moment = START + timedelta(seconds=max(0, position + 1 - BURST))
            connection.execute(
                "update _user set _activity = ? where id = ?", (f"{moment:%Y%m%d%H%M%S}.{position % 1000:03d}", int(number))
            )


if __name__ == "__main__":
    home = Path(sys.argv[1])
    stamp(home / "db" / "db", fill(home, int(sys.argv[2]) if len(sys.argv) > 2 else 320))
