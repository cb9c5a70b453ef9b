"""Fills a new Tryton database: agents, contacts, notes, and the integration's user with its key.

    python seed.py TRYTOND.CONF KEY-FILE
"""

import sys

from trytond.config import config

config.update_etc(sys.argv[1])

from trytond.pool import Pool  # noqa: E402  (Tryton reads its configuration when it is imported)
from trytond.transaction import Transaction  # noqa: E402

AGENTS = 20
IMPORTED = 200  # contacts of one transaction: one time stamp, more than a page
BATCHES = 6  # transactions of 20 contacts each
FIRST = "Ada Alan Anita Barbara Chen Dorothy Edsger Frances Grace Hedy Inês João Katherine Linus".split()
LAST = "Almeida Borg Curie Dijkstra Franklin Goodall Hopper Lamarr Noether Perlman Ståhl Yáñez".split()

Pool.start()
pool = Pool("crm")
pool.init()


def agents():
    User = pool.get("res.user")
    User.create(
        [
            {"name": f"Agent {n:02}", "login": f"agent{n:02}", "email": f"agent{n:02}@example.com"}
            for n in range(1, AGENTS + 1)
        ]
    )
    User.create(
        [
            {"name": "Agent who left", "login": "left", "email": "left@example.com", "active": False},
            {"name": "Agent without e-mail", "login": "no-email"},
        ]
    )


def integration():
    """The user that the bridge acts as, with every right that a group can give."""
    User, Group, Application = map(pool.get, ["res.user", "res.group", "res.user.application"])
    (user,) = User.create(
        [
            {
                "name": "Talkdesk integration",
                "login": "integration",
                "groups": [("add", [group.id for group in Group.search([])])],
            }
        ]
    )
    (application,) = Application.create([{"user": user.id, "application": "rest"}])
    return application.key


def contact(n, united_states):
    """The n-th contact. Which mechanisms it has follows from n, so that every mixture occurs."""
    mechanisms = [
        {"type": "email", "value": f"contact{n:04}@example.com"},
        {"type": "phone", "value": f"+1 415 555 {n:04}"},
    ]
    if n % 3 == 0:
        mechanisms.append({"type": "mobile", "value": f"+35191234{n:04}"})
    if n % 4 == 0:
        mechanisms.append({"type": "email", "value": f"Second.Contact{n:04}@Example.COM"})
    if n % 5 == 0:
        mechanisms.append({"type": "website", "value": f"https://contact{n:04}.example.com"})
    if n % 7 == 0:
        mechanisms.append({"type": "fax", "value": f"+1415556{n:04}"})
    if n % 11 == 0:
        mechanisms.append({"type": "phone", "value": f"+1415557{n:04}", "active": False})
    values = {
        "code": f"C{n:04}",
        "name": f"{FIRST[n % len(FIRST)]} {LAST[n % len(LAST)]} {n:04}",
        "contact_mechanisms": [("create", mechanisms)],
    }
    if n % 13 == 0:
        values["contact_mechanisms"] = []
    if n % 17 == 0:
        values["name"] = None
    if n % 2 == 0:
        street = {"street": f"{n} Market Street", "city": "San Francisco", "country": united_states}
        values["addresses"] = [("create", [street])]
    if n % 29 == 0:
        values["active"] = False
    return values


def transaction():
    # User 1 is the administrator.
    return Transaction().start("crm", 1)


with transaction():
    (country,) = pool.get("country.country").create([{"name": "United States", "code": "US"}])
    united_states = country.id
    agents()
    key = integration()

numbers = iter(range(1, IMPORTED + BATCHES * 20 + 1))
for size in [IMPORTED] + [20] * BATCHES:
    with transaction():
        pool.get("party.party").create([contact(next(numbers), united_states) for _ in range(size)])

with transaction():
    parties = pool.get("party.party").search([("code", "in", ["C0001", "C0002", "C0003"])])
    pool.get("ir.note").create(
        [
            {"resource": str(party), "message": f"{subject} with {party.code}"}
            for party in parties
            for subject in ["First talk", "Second talk"]
        ]
    )

with open(sys.argv[2], "w") as file:
    print(key, file=file)
