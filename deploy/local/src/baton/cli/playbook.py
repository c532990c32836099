"""`baton playbook`: the rules of engagement both teams agreed on."""

from cyclopts import App

app = App(name="playbook", help="The rules of engagement: check, show, compare, activate.")
