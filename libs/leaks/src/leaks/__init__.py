"""Where a company's own leads leaked: from the export of its CRM to figures, lists, a page and a playbook.

Nothing leaves the machine, no service is needed, and names are not read: e-mails and phones are hashed as they are
read, to find duplicates.
"""

from leaks.candidate import Proposal as Proposal
from leaks.candidate import learnable as learnable
from leaks.candidate import propose as propose
from leaks.mapping import Choices as Choices
from leaks.mapping import ExportUnreadable as ExportUnreadable
from leaks.mapping import load_mapping as load_mapping
from leaks.mapping import save_mapping as save_mapping
from leaks.reasons import slug as slug
from leaks.report import Files as Files
from leaks.report import Report as Report
from leaks.report import examine as examine
from leaks.report import write as write
