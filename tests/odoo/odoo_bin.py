"""Odoo's own command line, which its packages leave out: `odoo.py OPTION…`."""

import odoo

if __name__ == "__main__":
    odoo.cli.main()
