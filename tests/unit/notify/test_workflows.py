"""What the shipped workflows promise, checked without n8n in every run."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from p2p_cosim.notify.install import WORKFLOWS, node_of, workflow
from p2p_cosim.notify.notices import Notice
from p2p_cosim.notify.webhook import STATE_HEADER, TOKEN_HEADER


@pytest.fixture(params=WORKFLOWS)
def either(request):
    return workflow(request.param)


@pytest.fixture
def node():
    """Runs JavaScript, with the Node that the development environment brings."""
    own = Path(sys.executable).parent
    command = shutil.which("node", path=f"{own}{os.pathsep}{os.environ['PATH']}")
    assert command, "the development environment brings Node"

    def run(script):
        done = subprocess.run([command, "-e", script], capture_output=True, text=True, check=True)
        return done.stdout

    return run


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
    """The bounds that n8n checks are those of `Notice` and `Message`."""
    (condition,) = node_of(receive, "Is it an alert?")["parameters"]["conditions"]["conditions"]
    expression, schema = condition["leftValue"], Notice.model_json_schema()
    notice, message = schema["properties"], schema["$defs"]["Message"]["properties"]
    assert f"version === {notice['version']['const']} " in expression
    assert f"/{notice['event_id']['pattern']}/.test($json.body.event_id)" in expression
    assert f"/{notice['again']['pattern']}/.test($json.body.again ?? '')" in expression
    assert f"messages.length <= {notice['messages']['maxItems']} " in expression
    assert f"text.length <= {message['text']['maxLength']})" in expression


def test_repeats_are_dropped_by_event_id_and_mark_before_anything_is_acknowledged_or_sent(receive):
    assert after(receive, "Is it an alert?") == ["Drop repeats"]
    drop = node_of(receive, "Drop repeats")["parameters"]
    assert drop["operation"] == "removeItemsSeenInPreviousExecutions"
    assert drop["logic"] == "removeItemsWithAlreadySeenKeyValues"
    assert drop["dedupeValue"] == "={{ $json.body.event_id + ($json.body.again ?? '') }}"
    assert after(receive, "Drop repeats", output=0) == ["Accept"]
    assert after(receive, "Drop repeats", output=1) == ["Accept repeat"]
    assert after(receive, "Accept repeat") == []
    for name, said in (("Accept", "accepted"), ("Accept repeat", "repeat")):
        (header,) = node_of(receive, name)["parameters"]["options"]["responseHeaders"]["entries"]
        assert header == {"name": STATE_HEADER, "value": said}


def test_every_chat_is_served_at_once_each_in_an_execution_of_its_own(receive):
    chain, name = [], "Accept"
    while name:
        (name,) = after(receive, name) or ("",)
        chain.append(name)
    assert chain == ["Chats", "Address", "One item a chat", "Send to each, wait for none", ""]
    assert node_of(receive, "One item a chat")["parameters"]["fieldToSplitOut"] == "chats"
    send = node_of(receive, "Send to each, wait for none")["parameters"]
    assert send["mode"] == "each"
    assert send["options"]["waitForSubWorkflow"] is False
    assert send["workflowId"]["value"] == workflow("send")["id"]


def test_chats_are_empty_as_shipped_and_looked_up_by_who_is_told(receive):
    (chats,) = node_of(receive, "Chats")["parameters"]["assignments"]["assignments"]
    assert chats["value"] == "{}"
    (by_chat,) = node_of(receive, "Address")["parameters"]["assignments"]["assignments"]
    assert by_chat["name"] == "chats"
    assert "$json.chats[message.to] ?? $json.chats.homeowner" in by_chat["value"]
    assert "({ chat_id, texts, patience_s" in by_chat["value"]


def check_channel(send, channel):
    """The contract of `send`: what holds of it whatever shows its texts.

    It is called with {chat_id, texts}, shows one text at a time, hands success and failure on,
    and waits as long as the channel asks.
    """
    trigger = send["nodes"][0]
    assert send["id"] == "p2pAlertSend0000"
    assert trigger["type"] == "n8n-nodes-base.executeWorkflowTrigger"
    assert trigger["parameters"] == {"inputSource": "passthrough"}
    assert after(send, trigger["name"]) == ["Turn"]
    assert after(send, "Turn") == [channel["name"]]
    assert channel["onError"] == "continueErrorOutput"
    assert "retryOnFail" not in channel  # the loop does it, and knows how long to wait
    assert after(send, channel["name"]) == after(send, channel["name"], 1) == ["What next"]
    parameters = json.dumps(channel["parameters"])
    assert "$json.texts[$json.turn ?? 0]" in parameters
    assert "$json.chat_id" in parameters
    assert [after(send, "Which way", output) for output in range(4)] == [
        ["Turn"],  # the next text
        ["Wait"],  # the same again
        ["Not sent"],  # the last, and some were refused: a failed execution that says so
        [],  # the last, all are sent
    ]
    assert after(send, "Wait") == ["Turn"]
    assert node_of(send, "Wait")["parameters"]["amount"] == "={{ $json.wait_s }}"


def test_telegram_adds_nothing_to_the_text_and_fulfils_the_contract():
    send = workflow("send")
    telegram = node_of(send, "Telegram")
    check_channel(send, telegram)
    fields = telegram["parameters"]["additionalFields"]
    assert fields == {"appendAttribution": False, "parse_mode": "HTML"}
    text = telegram["parameters"]["text"]
    assert ".replaceAll('&', '&amp;').replaceAll('<'" in text  # & before what brings &
    assert "replaceAll('<', '&lt;').replaceAll('>', '&gt;') }}" in text


def test_the_channel_that_the_guide_shows_fulfils_the_contract_by_changing_the_workflow_alone():
    guide = Path(__file__).parents[3] / "docs" / "alerts.md"
    (block,) = re.findall(r"```json\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)
    channel = json.loads(block)
    send = workflow("send")
    position = [node["name"] for node in send["nodes"]].index("Telegram")
    send["nodes"][position] = channel
    links = json.dumps(send["connections"]).replace('"Telegram"', json.dumps(channel["name"]))
    send["connections"] = json.loads(links)
    check_channel(send, channel)
    assert not re.search("telegram", json.dumps(channel["parameters"]), re.IGNORECASE)
    for credential in channel["credentials"].values():
        assert set(credential) == {"id", "name"}


@pytest.fixture
def next_state(node):
    """What the node "What next" makes of a state and of what the channel said."""
    code = node_of(workflow("send"), "What next")["parameters"]["jsonOutput"]
    expression = code.removeprefix("={{").removesuffix("}}")

    def run(error=None, **state):
        was = {"chat_id": "7", "texts": ["a", "b"], **state}
        script = (
            f"const $ = () => ({{ first: () => ({{ json: {json.dumps(was)} }}) }});"
            f"const $json = {json.dumps({'error': error} if error else {})};"
            f"console.log(JSON.stringify({expression}))"
        )
        return json.loads(node(script))

    return run


NEXT, AGAIN, LOST, OVER = range(4)


def test_texts_go_one_after_the_other_until_the_last(next_state):
    first = next_state()
    assert (first["way"], first["turn"], first["tries"]) == (NEXT, 1, 0)
    assert next_state(turn=1)["way"] == OVER


def test_what_telegram_asks_for_is_waited_for(next_state):
    again = next_state("Too Many Requests: retry after 35", turn=1, tries=20)
    assert (again["way"], again["turn"], again["wait_s"]) == (AGAIN, 1, 36)


def test_an_all_clear_lets_the_outages_go_first_that_wait_as_long(next_state):
    asked = "Too Many Requests: retry after 35"
    assert next_state(asked, patience_s=3)["wait_s"] == next_state(asked)["wait_s"] + 3
    assert next_state(asked, patience_s=3)["patience_s"] == 3


def test_trouble_is_tried_again_for_minutes_and_then_told(next_state):
    waits, state = [], {"turn": 0}
    while (found := next_state("Bad Gateway", **state))["way"] == AGAIN:
        waits.append(found["wait_s"])
        state = {key: found[key] for key in ("turn", "lost", "tries")}
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert (found["way"], found["turn"], found["lost"]) == (NEXT, 1, ["Bad Gateway"])
    assert next_state(turn=1, lost=["Bad Gateway"])["way"] == LOST


@pytest.mark.parametrize(
    "said",
    [
        "Bad Request: chat not found",
        "Bad Request: group chat was upgraded to a supergroup chat",
        "Forbidden: bot was blocked by the user",
        "Unauthorized",
    ],
)
def test_what_will_never_be_taken_is_not_tried_again(next_state, said):
    found = next_state(said)
    assert (found["way"], found["turn"], found["lost"]) == (NEXT, 1, [said])


def test_workflows_are_readable_text_in_the_package():
    for name in WORKFLOWS:
        text = files("p2p_cosim.notify").joinpath("n8n", f"{name}.json").read_text()
        assert text == json.dumps(json.loads(text), indent=2) + "\n"
