"""What capture does for programs. Written by `make docs`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, Unpack
from uuid import UUID

from baton_client.generated.answers import capture as answers
from baton_client.generated.bodies import capture as bodies
from baton_client.generated.operations.common import Common
from baton_client.messages import build_headers, build_query, encode_json, encode_json_lines, fill_path


class Capture(Common):
    """The operations of capture."""

    def post_contact(
        self,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.Submission],
    ) -> answers.SubmissionAnswer:
        """Take one submission in. A 202 means it is on disk."""
        found: answers.SubmissionAnswer = self._connection.request_as(
            answers.SubmissionAnswer,
            "POST",
            "/v1/contacts",
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def find_contact(self, *, email: str) -> answers.ContactAnswer:
        """Return the contact behind an e-mail, in whatever spelling.

        Args:
            email: The e-mail, in any spelling.
        """
        found: answers.ContactAnswer = self._connection.request_as(
            answers.ContactAnswer,
            "GET",
            "/v1/contacts",
            params=build_query(email=email),
            headers=build_headers(None),
        )
        return found

    def post_contacts(self, items: Sequence[bodies.Submission], /) -> answers.BatchAnswer:
        """Take many submissions in; each has its own answer."""
        found: answers.BatchAnswer = self._connection.request_as(
            answers.BatchAnswer,
            "POST",
            "/v1/contacts/batch",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(items),
        )
        return found

    def post_scans(self, items: Sequence[bodies.BadgeScan], /) -> answers.BatchAnswer:
        """Take badge scans in: one, an array or a stream, in any order and however late; each has its own answer."""
        found: answers.BatchAnswer = self._connection.request_as(
            answers.BatchAnswer,
            "POST",
            "/v1/scans",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(items),
        )
        return found

    def post_attendees(self, items: Sequence[bodies.ListedAttendee], /) -> answers.BatchAnswer:
        """Take in who wore which badge: whoever was or will be scanned under it is that person."""
        found: answers.BatchAnswer = self._connection.request_as(
            answers.BatchAnswer,
            "POST",
            "/v1/attendees",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(items),
        )
        return found

    def post_consents(self, contact_id: UUID | str, items: Sequence[bodies.ConsentBody], /) -> answers.ConsentsAnswer:
        """Record consent, granted or withdrawn; returns the current answer of each purpose."""
        found: answers.ConsentsAnswer = self._connection.request_as(
            answers.ConsentsAnswer,
            "POST",
            fill_path("/v1/contacts/{contact_id}/consents", contact_id=contact_id),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(items),
        )
        return found

    def post_merge(self, contact_id: UUID | str, /, **body: Unpack[bodies.MergeBody]) -> answers.MergeAnswer:
        """Merge two contacts that are one person; published under both ids on `contacts.merged.v1`."""
        found: answers.MergeAnswer = self._connection.request_as(
            answers.MergeAnswer,
            "POST",
            fill_path("/v1/contacts/{contact_id}/merge", contact_id=contact_id),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def post_unmerge(self, contact_id: UUID | str, /) -> answers.MergeAnswer:
        """Undo the merge that made this contact part of another."""
        found: answers.MergeAnswer = self._connection.request_as(
            answers.MergeAnswer,
            "POST",
            fill_path("/v1/contacts/{contact_id}/unmerge", contact_id=contact_id),
            headers=build_headers(None),
        )
        return found

    def post_keep_apart(
        self,
        contact_id: UUID | str,
        /,
        **body: Unpack[bodies.KeepApartBody],
    ) -> answers.KeptApartAnswer:
        """Remember that two contacts are two people: they are no possible duplicates, and only a hand merges them."""
        found: answers.KeptApartAnswer = self._connection.request_as(
            answers.KeptApartAnswer,
            "POST",
            fill_path("/v1/contacts/{contact_id}/keep-apart", contact_id=contact_id),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def create_form_link(
        self,
        contact_id: UUID | str,
        /,
        **body: Unpack[bodies.FormLinkBody],
    ) -> answers.FormLinkAnswer:
        """Make the link that opens a form for this contact: it asks what is missing, and shows nothing of what is known."""
        found: answers.FormLinkAnswer = self._connection.request_as(
            answers.FormLinkAnswer,
            "POST",
            fill_path("/v1/contacts/{contact_id}/form-links", contact_id=contact_id),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def erase_contact(
        self,
        contact_id: UUID | str,
        /,
        *,
        suppress: Literal["true", "false"] | None = None,
    ) -> answers.ErasureStartedAnswer:
        """Forget a contact: here at once, in the other services within moments; suppressed, if asked, ever after.

        Args:
            suppress: Close all channels to them for ever.
        """
        found: answers.ErasureStartedAnswer = self._connection.request_as(
            answers.ErasureStartedAnswer,
            "DELETE",
            fill_path("/v1/contacts/{contact_id}", contact_id=contact_id),
            params=build_query(suppress=suppress),
            headers=build_headers(None),
        )
        return found

    def show_contact(self, contact_id: UUID | str, /) -> answers.ContactAnswer:
        """Return a contact with all engagements and consents."""
        found: answers.ContactAnswer = self._connection.request_as(
            answers.ContactAnswer,
            "GET",
            fill_path("/v1/contacts/{contact_id}", contact_id=contact_id),
            headers=build_headers(None),
        )
        return found

    def post_import(
        self,
        content: bytes,
        /,
        *,
        import_id: UUID | str | None = None,
        preview: Literal["true", "false"] | None = None,
        mapping: str | None = None,
        source: str | None = None,
        engagement: str | None = None,
        campaign: str | None = None,
        country: str | None = None,
        per_day: int | None = None,
        dates: Literal["dmy", "mdy", "ymd"] | None = None,
        time_zone: str | None = None,
        saved: str | None = None,
        event: str | None = None,
        content_type: Literal["text/csv", "text/tab-separated-values"] = "text/csv",
    ) -> answers.ImportProgressAnswer | answers.ImportPreviewAnswer:
        """Take a CSV file in. A 202 means that every row is on disk or among the rejects; a preview keeps nothing.

        Args:
            import_id: The import; chosen by the sender, or as the first answer names it.
            preview: Store nothing, and answer what would become of it.
            mapping: JSON: field to column.
            source: Where the people come from; `import` if left out.
            engagement: What they did; left out, as the source has it.
            campaign: The campaign of every row.
            country: Of rows that name none.
            per_day: How many rows to release a day.
            dates: What stands first in a date such as 2/3/2026.
            time_zone: The zone of times that name none; `UTC` if left out.
            saved: The name of a saved mapping.
            event: The list says who wore which badge there.
        """
        found: answers.ImportProgressAnswer | answers.ImportPreviewAnswer = self._connection.request_as(
            answers.ImportProgressAnswer | answers.ImportPreviewAnswer,
            "POST",
            "/v1/imports",
            params=build_query(import_id=import_id, preview=preview, mapping=mapping, source=source, engagement=engagement, campaign=campaign, country=country, per_day=per_day, dates=dates, time_zone=time_zone, saved=saved, event=event),
            headers=build_headers(None) | {"Content-Type": content_type},
            content=content,
        )
        return found

    def list_imports(self, *, limit: int | None = None, cursor: str | None = None) -> answers.ImportsPage:
        """List imports with their progress, the latest first.

        Args:
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.ImportsPage = self._connection.request_as(
            answers.ImportsPage,
            "GET",
            "/v1/imports",
            params=build_query(limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    def put_mapping(self, name: str, /, **body: Unpack[bodies.SavedImportOptions]) -> answers.SavedMappingAnswer:
        """Save what is asked of a kind of list; an import names it as `saved`."""
        found: answers.SavedMappingAnswer = self._connection.request_as(
            answers.SavedMappingAnswer,
            "PUT",
            fill_path("/v1/mappings/{name}", name=name),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def delete_mapping(self, name: str, /) -> None:
        """Delete a saved mapping."""
        self._connection.send(
            "DELETE",
            fill_path("/v1/mappings/{name}", name=name),
            headers=build_headers(None),
        )

    def put_account(self, domain: str, /, **body: Unpack[bodies.AccountBody]) -> answers.AccountAnswer:
        """Replace what is known of a company; announced on `accounts.changed.v1` where anything changed."""
        found: answers.AccountAnswer = self._connection.request_as(
            answers.AccountAnswer,
            "PUT",
            fill_path("/v1/accounts/{domain}", domain=domain),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def show_account(self, domain: str, /) -> answers.AccountWithUseAnswer:
        """Return a company with its subsidiaries, and how many people of all of them used the product in each month."""
        found: answers.AccountWithUseAnswer = self._connection.request_as(
            answers.AccountWithUseAnswer,
            "GET",
            fill_path("/v1/accounts/{domain}", domain=domain),
            headers=build_headers(None),
        )
        return found

    def put_campaign(self, campaign: str, /, **body: Unpack[bodies.CampaignBody]) -> answers.CampaignAnswer:
        """Replace what is known of a campaign; announced on `campaigns.announced.v1` where anything changed."""
        found: answers.CampaignAnswer = self._connection.request_as(
            answers.CampaignAnswer,
            "PUT",
            fill_path("/v1/campaigns/{campaign}", campaign=campaign),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def put_content(self, content: str, /, **body: Unpack[bodies.ContentBody]) -> answers.ContentAnswer:
        """Replace an entry of the content catalogue."""
        found: answers.ContentAnswer = self._connection.request_as(
            answers.ContentAnswer,
            "PUT",
            fill_path("/v1/content/{content}", content=content),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def post_suppression(self, /, **body: Unpack[bodies.SuppressionBody]) -> answers.ClosedChannelsAnswer:
        """Close channels to somebody; it outlives an erasure. Returns all channels that are closed now."""
        found: answers.ClosedChannelsAnswer = self._connection.request_as(
            answers.ClosedChannelsAnswer,
            "POST",
            "/v1/suppressions",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def lift_suppression(self, /, **body: Unpack[bodies.LiftSuppressionBody]) -> answers.ClosedChannelsAnswer:
        """Open channels to somebody again. Returns the channels that stay closed."""
        found: answers.ClosedChannelsAnswer = self._connection.request_as(
            answers.ClosedChannelsAnswer,
            "POST",
            "/v1/suppressions/lift",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def create_pairing(
        self,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.NewPairingBody],
    ) -> answers.NewPairingAnswer:
        """Create the link that makes one phone a scanner, once, within ten minutes; its code is in the answer alone."""
        found: answers.NewPairingAnswer = self._connection.request_as(
            answers.NewPairingAnswer,
            "POST",
            "/v1/scanner-pairings",
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def list_pairings(self) -> answers.ScannerPairingsAnswer:
        """List links that still hold and paired devices, the newest first: 200 at most, ended ones for thirty days."""
        found: answers.ScannerPairingsAnswer = self._connection.request_as(
            answers.ScannerPairingsAnswer,
            "GET",
            "/v1/scanner-pairings",
            headers=build_headers(None),
        )
        return found

    def redeem_pairing(self, /, **body: Unpack[bodies.PairDeviceBody]) -> answers.PairedScannerAnswer:
        """Accept the key that a device drew, which takes scans alone: once a code, and again for the same device."""
        found: answers.PairedScannerAnswer = self._connection.request_as(
            answers.PairedScannerAnswer,
            "POST",
            "/v1/scanner-pairings/redeem",
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def end_pairing(
        self,
        pairing_id: UUID | str,
        /,
        **body: Unpack[bodies.EndPairingBody],
    ) -> answers.EndedPairingAnswer:
        """End a link, or a device: its key is worthless within a second. A second time changes nothing."""
        found: answers.EndedPairingAnswer = self._connection.request_as(
            answers.EndedPairingAnswer,
            "POST",
            fill_path("/v1/scanner-pairings/{pairing_id}/end", pairing_id=pairing_id),
            headers=build_headers(None) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def release_quarantined(self, quarantine_id: UUID | str, /) -> answers.SettledSubmissionAnswer:
        """Accept a quarantined submission; a second time changes nothing."""
        found: answers.SettledSubmissionAnswer = self._connection.request_as(
            answers.SettledSubmissionAnswer,
            "POST",
            fill_path("/v1/quarantine/{quarantine_id}/release", quarantine_id=quarantine_id),
            headers=build_headers(None),
        )
        return found

    def discard_quarantined(self, quarantine_id: UUID | str, /) -> answers.SettledSubmissionAnswer:
        """Discard a quarantined submission; a second time changes nothing."""
        found: answers.SettledSubmissionAnswer = self._connection.request_as(
            answers.SettledSubmissionAnswer,
            "POST",
            fill_path("/v1/quarantine/{quarantine_id}/discard", quarantine_id=quarantine_id),
            headers=build_headers(None),
        )
        return found

    def create_sender_key(
        self,
        /,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.SenderKeyBody],
    ) -> answers.NewSenderKeyAnswer:
        """Create the key of a form, a webhook or a sender; it is in the answer, this once."""
        found: answers.NewSenderKeyAnswer = self._connection.request_as(
            answers.NewSenderKeyAnswer,
            "POST",
            "/v1/sender-keys",
            headers=build_headers(idempotency_key) | {"Content-Type": "application/json"},
            content=encode_json(body),
        )
        return found

    def show_erasure(self, erasure_id: UUID | str, /) -> answers.ErasureProgressAnswer:
        """Return each service's receipt, and who has not answered yet."""
        found: answers.ErasureProgressAnswer = self._connection.request_as(
            answers.ErasureProgressAnswer,
            "GET",
            fill_path("/v1/erasures/{erasure_id}", erasure_id=erasure_id),
            headers=build_headers(None),
        )
        return found

    def list_possible_duplicates(
        self,
        *,
        contact_id: UUID | str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.PossibleDuplicatesPage:
        """List pairs of contacts that may be one person, with reasons, the likeliest of a page first.

        Nobody is merged by that: `POST /v1/contacts/{contact_id}/merge` does it; `/keep-apart` takes a pair off the list.
        As long as there is a `next`, go on: contacts are compared some hundred a page, and a page may be empty before the
        last.

        Args:
            contact_id: Only who may be the same person as this contact.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.PossibleDuplicatesPage = self._connection.request_as(
            answers.PossibleDuplicatesPage,
            "GET",
            "/v1/duplicates",
            params=build_query(contact_id=contact_id, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found

    def list_forms(self) -> answers.FormsAnswer:
        """List the forms of the playbook in force: what they ask, in which languages, and by which keys pages submit."""
        found: answers.FormsAnswer = self._connection.request_as(
            answers.FormsAnswer,
            "GET",
            "/v1/forms",
            headers=build_headers(None),
        )
        return found

    def preview_form(self, form: str, /, *, language: str | None = None) -> answers.FormPreviewAnswer:
        """Return a form as visitors see it, without a stamp: what is filled in there can be sent nowhere.

        Args:
            language: One of its languages; left out: its own.
        """
        found: answers.FormPreviewAnswer = self._connection.request_as(
            answers.FormPreviewAnswer,
            "GET",
            fill_path("/v1/forms/{form}/preview", form=form),
            params=build_query(language=language),
            headers=build_headers(None),
        )
        return found

    def list_form_tests(self, form: str, /) -> answers.FormTestsAnswer:
        """List how a form was filled in as a test (as form-test@baton.example), the newest first: 20 at most."""
        found: answers.FormTestsAnswer = self._connection.request_as(
            answers.FormTestsAnswer,
            "GET",
            fill_path("/v1/forms/{form}/tests", form=form),
            headers=build_headers(None),
        )
        return found

    def show_mappings(self) -> answers.SavedMappingsAnswer:
        """Return all saved mappings, by name."""
        found: answers.SavedMappingsAnswer = self._connection.request_as(
            answers.SavedMappingsAnswer,
            "GET",
            "/v1/mappings",
            headers=build_headers(None),
        )
        return found

    def show_import(self, import_id: UUID | str, /) -> answers.ImportProgressAnswer:
        """Return an import's progress: rows read, accepted, duplicates, rejected, and those that wait for their day."""
        found: answers.ImportProgressAnswer = self._connection.request_as(
            answers.ImportProgressAnswer,
            "GET",
            fill_path("/v1/imports/{import_id}", import_id=import_id),
            headers=build_headers(None),
        )
        return found

    def download_rejects(self, import_id: UUID | str, /) -> bytes:
        """Return the rows that were not taken as CSV, each with its field and code, to be repaired and sent again."""
        found = self._connection.send(
            "GET",
            fill_path("/v1/imports/{import_id}/rejects", import_id=import_id),
            headers=build_headers(None, "text/csv"),
        )
        return found.content

    def show_campaigns(self) -> answers.CampaignNamesAnswer:
        """Return the campaigns that have not ended, the latest first: for what a scanner may scan."""
        found: answers.CampaignNamesAnswer = self._connection.request_as(
            answers.CampaignNamesAnswer,
            "GET",
            "/v1/campaigns",
            headers=build_headers(None),
        )
        return found

    def list_quarantine(
        self,
        *,
        state: Literal["held", "released", "discarded"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.QuarantinePage:
        """List quarantined submissions with their reasons, newest first.

        Args:
            state: Waiting, or settled how.
            limit: How many items to answer at most.
            cursor: Where the page before ended: its `next`.
        """
        found: answers.QuarantinePage = self._connection.request_as(
            answers.QuarantinePage,
            "GET",
            "/v1/quarantine",
            params=build_query(state=state, limit=limit, cursor=cursor),
            headers=build_headers(None),
        )
        return found
