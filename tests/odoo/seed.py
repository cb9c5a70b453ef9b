"""Fills a new Odoo: `seed.py OPTION…`, where OPTION… are Odoo's. The admin's password is PGPASSWORD.

Agents, one without an e-mail and one who left; contacts, one of them in a company; a lead, a project's
task, an activity and a note of the first contact. The first BURST contacts have one and the same stamp
(more than a page of the manifest), the others come in groups of three per second, each with its own
microsecond, as an import followed by daily work leaves them.
"""

import os
import sys
from datetime import datetime, timedelta

import odoo
from odoo import SUPERUSER_ID, api

AGENTS = 20
BURST = 250
CONTACTS = 320
START = datetime(2026, 5, 1, 7, 0, 0)


def agents(env):
    users = env["res.users"].with_context(no_reset_password=True, tracking_disable=True)
    for n in range(1, AGENTS + 1):
        address = "agent{:02}@example.com".format(n)
        users.create({"name": "Agent {:02}".format(n), "login": address, "email": address})
    users.create({"name": "Agent without e-mail", "login": "no-email"})
    users.create({"name": "Agent who left", "login": "left@example.com", "active": False})
    admin = env["res.users"].browse(SUPERUSER_ID)
    admin.write({"email": "admin@example.com", "password": os.environ["PGPASSWORD"]})


def contact(n):
    """The n-th contact. What it has follows from n, so that every mixture occurs."""
    return {
        "name": "Contact {:04}".format(n),
        "email": "contact{0:04}@example.com".format(n) if n % 13 else False,
        "phone": "+1 415 555 {:04}".format(n) if n % 11 else False,
        "mobile": "+35191234{:04}".format(n) if n % 3 == 0 else False,
        "function": "Buyer" if n % 5 == 0 else False,
        "street": "{} Market Street".format(n) if n % 2 == 0 else False,
        "city": "San Francisco" if n % 2 == 0 else False,
        "active": n % 29 != 0,
    }


def contacts(env):
    partners = env["res.partner"].with_context(tracking_disable=True)
    company = partners.create({"name": "Example Inc", "is_company": True, "email": "info@example.com"})
    rows = [partners.create(contact(n)) for n in range(1, CONTACTS + 1)]
    rows[0].write({"parent_id": company.id})
    return rows


def stamp(env, rows):
    # Agents, companies and the administrator too: a first run that sees nothing but fresh stamps goes back once more.
    env.cr.execute("update res_partner set write_date = %s", (START - timedelta(hours=1),))
    for position, row in enumerate(rows):
        late = max(0, position + 1 - BURST)
        moment = START + timedelta(seconds=late // 3, microseconds=123456 if late == 0 else 1000 * late)
        env.cr.execute("update res_partner set write_date = %s where id = %s", (moment, row.id))


def belongings(env, first):
    env["crm.lead"].create({"name": "Ten chairs", "partner_id": first.id, "priority": "2"})
    env["project.task"].create({"name": "Assemble ten chairs", "partner_id": first.id})
    env["mail.activity"].create(
        {
            "res_model_id": env["ir.model"].search([("model", "=", "res.partner")]).id,
            "res_id": first.id,
            "activity_type_id": env["mail.activity.type"].search([("name", "=", "Call")]).id,
            "summary": "Ask about the chairs",
            "date_deadline": "2026-05-04",
        }
    )
    first.message_post(body="<p>Likes <b>oak</b>.</p>", message_type="comment")


if __name__ == "__main__":
    odoo.tools.config.parse_config(sys.argv[1:])
    with api.Environment.manage(), odoo.registry("crm").cursor() as cursor:
        environment = api.Environment(cursor, SUPERUSER_ID, {})
        agents(environment)
        everybody = contacts(environment)
        belongings(environment, everybody[0])
        stamp(environment, everybody)
