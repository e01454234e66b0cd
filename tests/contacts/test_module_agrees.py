"""The module inside Synapse reads a policy as it is meant."""

import json

from hypothesis import HealthCheck, given, settings

from appservice.contacts.document import whole_documents
from appservice.contacts.policy import may_contact
from appservice.contacts.settings import ContactsSettings
from appservice.school.model import Roster
from appservice.synapse_module.community.document import parse_document, parse_entry, parse_rules
from appservice.synapse_module.community.policy import Community
from tests.contacts.test_properties import rosters, sections
from tests.contacts.town import PEOPLE, policy, user

OWNER = "@bot:school.test"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rosters(), sections())
def test_who_may_write_to_whom_is_the_same_here_and_there(
    roster: Roster, section: ContactsSettings
) -> None:
    made = policy(roster, section)
    (body,) = whole_documents(made, version=1, digest="d")
    document = parse_document(json.loads(json.dumps(body)))
    people = {user: parse_entry(json.loads(entry)) for user, entry in document.people.items()}
    there = Community(
        server_name="school.test",
        bots=frozenset({OWNER}),
        rules={OWNER: parse_rules(json.loads(document.rules))},
        people={user: {OWNER: entry} for user, entry in people.items()},
    )
    everybody = [*map(user, PEOPLE), "@stranger:school.test"]
    pairs = [(one, other) for one in everybody for other in everybody if one != other]
    assert {pair for pair in pairs if there.why_not(*pair) is None} == {
        pair for pair in pairs if may_contact(made, *pair)
    }
