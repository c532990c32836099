"""The demonstration: a real year of a marketing funnel, lived through in a minute.

Real are 8,000 leads with their day and origin, and 842 wins with their instant (`funnel`). All else
is played (`people`, `colder_contacts`, `play`), each choice a hash of who it is about (`dice`). The
`director` reads what the services publish (`listener`) and puts on the `agenda` what people say
next; the `stepper` drives the clock and says it at the `demo_client`.
"""

from baton.demo.command import run_demo

__all__ = ["run_demo"]
