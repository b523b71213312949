"""What the shipped workflows promise, checked without n8n in every run."""

import json
import re
from importlib.resources import files

import pytest

from p2p_cosim.notify.events import Event
from p2p_cosim.notify.install import WORKFLOWS, node_of, workflow
from p2p_cosim.notify.webhook import TOKEN_HEADER


@pytest.fixture(params=WORKFLOWS)
def either(request):
    return workflow(request.param)


@pytest.fixture
def receive():
    return workflow("receive")


def after(content, name, output=0):
    """Names of the nodes that follow one output of a node."""
    outputs = content["connections"].get(name, {}).get("main", [])
    return [link["node"] for link in outputs[output]] if len(outputs) > output else []


def test_every_edge_joins_two_nodes_and_every_node_is_reached(either):
    names = {node["name"] for node in either["nodes"]}
    assert len(names) == len(either["nodes"]) == len({node["id"] for node in either["nodes"]})
    edges = {
        (source, link["node"])
        for source, outputs in either["connections"].items()
        for output in outputs["main"]
        for link in output
    }
    assert {name for edge in edges for name in edge} == names
    reached = {either["nodes"][0]["name"]}
    while new := {target for source, target in edges if source in reached} - reached:
        reached |= new
    assert reached == names


def test_it_is_switched_off_until_published_and_keeps_no_successful_run(either):
    assert either["active"] is False
    assert either["settings"]["saveDataSuccessExecution"] == "none"
    assert either["settings"]["saveDataErrorExecution"] == "all"


def test_credentials_are_named_and_not_held(either):
    for node in either["nodes"]:
        for credential in node.get("credentials", {}).values():
            assert set(credential) == {"id", "name"}
    text = json.dumps(either)
    assert not re.search(r"\d{6,}:[\w-]{20,}", text)  # a bot token
    assert not re.search(r'"-?\d{6,}"', text)  # a chat id
    assert TOKEN_HEADER not in text


def test_the_receiver_asks_for_the_token_and_answers_through_its_nodes(receive):
    webhook = node_of(receive, "Receive")
    assert webhook["parameters"]["authentication"] == "headerAuth"
    assert webhook["parameters"]["httpMethod"] == "POST"
    assert webhook["parameters"]["path"] == "p2p-alert"
    assert webhook["parameters"]["responseMode"] == "responseNode"
    assert "httpHeaderAuth" in webhook["credentials"]


def test_what_is_no_alert_is_rejected_and_goes_no_further(receive):
    assert after(receive, "Receive") == ["Is it an alert?"]
    assert after(receive, "Is it an alert?", output=1) == ["Reject"]
    assert node_of(receive, "Reject")["parameters"]["options"]["responseCode"] == 400
    assert after(receive, "Reject") == []


def test_the_receiver_takes_what_the_schema_allows(receive):
    """The bounds that n8n checks are those of `Event` and `Message`."""
    (condition,) = node_of(receive, "Is it an alert?")["parameters"]["conditions"]["conditions"]
    expression, schema = condition["leftValue"], Event.model_json_schema()
    event, message = schema["properties"], schema["$defs"]["Message"]["properties"]
    assert f"version === {event['version']['const']} " in expression
    assert f"/{event['event_id']['pattern']}/.test($json.body.event_id)" in expression
    assert f"messages.length <= {event['messages']['maxItems']} " in expression
    assert f"text.length <= {message['text']['maxLength']})" in expression


def test_repeats_are_dropped_by_event_id_before_anything_is_acknowledged_or_sent(receive):
    assert after(receive, "Is it an alert?") == ["Drop repeats"]
    drop = node_of(receive, "Drop repeats")["parameters"]
    assert drop["operation"] == "removeItemsSeenInPreviousExecutions"
    assert drop["logic"] == "removeItemsWithAlreadySeenKeyValues"
    assert drop["dedupeValue"] == "={{ $json.body.event_id }}"
    assert after(receive, "Drop repeats", output=0) == ["Accept"]
    assert after(receive, "Drop repeats", output=1) == ["Accept repeat"]
    assert after(receive, "Accept repeat") == []


def test_both_messages_leave_at_once_each_in_an_execution_of_its_own(receive):
    chain, name = [], "Accept"
    while name:
        (name,) = after(receive, name) or ("",)
        chain.append(name)
    assert chain == ["Chats", "Address", "One item a message", "Send each, wait for none", ""]
    assert node_of(receive, "One item a message")["parameters"]["fieldToSplitOut"] == "messages"
    send = node_of(receive, "Send each, wait for none")["parameters"]
    assert send["mode"] == "each"
    assert send["options"]["waitForSubWorkflow"] is False
    assert send["workflowId"]["value"] == workflow("send")["id"]


def test_chats_are_empty_as_shipped_and_looked_up_by_who_is_told(receive):
    (chats,) = node_of(receive, "Chats")["parameters"]["assignments"]["assignments"]
    assert chats["value"] == "{}"
    (messages,) = node_of(receive, "Address")["parameters"]["assignments"]["assignments"]
    assert "$json.chats[message.to] ?? $json.chats.homeowner" in messages["value"]
    assert "text: message.text" in messages["value"]


def test_the_sender_adds_nothing_to_the_text_and_retries_by_itself():
    telegram = node_of(workflow("send"), "Telegram")
    fields = telegram["parameters"]["additionalFields"]
    assert fields == {"appendAttribution": False, "parse_mode": "HTML"}
    text = telegram["parameters"]["text"]
    assert text.startswith("={{ $json.text.replaceAll('&', '&amp;')")  # & before what brings &
    assert "replaceAll('<', '&lt;').replaceAll('>', '&gt;') }}" in text
    assert telegram["parameters"]["chatId"] == "={{ $json.chat_id }}"
    assert telegram["retryOnFail"] is True
    assert telegram["maxTries"] == 5
    assert telegram["waitBetweenTries"] <= 5000  # n8n takes no more


def test_workflows_are_readable_text_in_the_package():
    for name in WORKFLOWS:
        text = files("p2p_cosim.notify").joinpath("n8n", f"{name}.json").read_text()
        assert text == json.dumps(json.loads(text), indent=2) + "\n"
