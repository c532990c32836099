"""Where a company's own leads leaked: from the export of its CRM to figures, lists, a page and a playbook.

Nothing leaves the machine, no service is needed, and names are not read: e-mails and phones are hashed as they are
read, to find duplicates.
"""

from leaks.candidate import PlaybookProposal as PlaybookProposal
from leaks.candidate import build_training_columns as build_training_columns
from leaks.candidate import write_proposed_playbook as write_proposed_playbook
from leaks.mapping import ExportUnreadable as ExportUnreadable
from leaks.mapping import MappingChoices as MappingChoices
from leaks.mapping import load_mapping as load_mapping
from leaks.mapping import save_mapping as save_mapping
from leaks.reasons import make_rule_name as make_rule_name
from leaks.report import ExportFiles as ExportFiles
from leaks.report import LeaksReport as LeaksReport
from leaks.report import build_report as build_report
from leaks.report import write_report as write_report
