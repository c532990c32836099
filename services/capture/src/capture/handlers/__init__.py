"""The use cases: load, decide, save, emit."""

from capture.handlers.consents import record_consents as record_consents
from capture.handlers.contacts import find_contact as find_contact
from capture.handlers.contacts import show_contact as show_contact
from capture.handlers.erasure import erase as erase
from capture.handlers.erasure import on_contacts_receipts as on_contacts_receipts
from capture.handlers.erasure import show_erasure as show_erasure
from capture.handlers.forms import form_in_force as form_in_force
from capture.handlers.forms import wish as wish
from capture.handlers.intake import Answer as Answer
from capture.handlers.intake import Incoming as Incoming
from capture.handlers.intake import capture as capture
from capture.handlers.merging import merge as merge
from capture.handlers.merging import unmerge as unmerge
from capture.handlers.quarantine import end_quarantine as end_quarantine
from capture.handlers.quarantine import hold as hold
from capture.handlers.quarantine import settle as settle
from capture.handlers.quarantine import show_quarantine as show_quarantine
from capture.handlers.registers import put_account as put_account
from capture.handlers.registers import put_campaign as put_campaign
from capture.handlers.registers import put_content as put_content
