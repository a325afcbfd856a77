"""Which worker takes a run and which is replaced, without any worker."""

from dataclasses import replace

import pytest

from core.experiment import Experiment, read_query, shape_of
from core.messages.pace import FAST, Pace
from core.messages.record import Record
from core.messages.updates import FINISHED
from core.workers.placement import GROWTH_BOUND, MEMORY_BOUND, REPEATED_SECONDS, Placement, WorkerMemory

SHAPE = shape_of(read_query("data=moons&layers=tanh-3"))
OTHER_SHAPE = shape_of(read_query("data=moons&layers=tanh-3&l2=0.1"))
RECORD = Record(((0, Experiment()),), 3, FINISHED, FAST, None)
BOTH = {"a", "b"}
SMALL = WorkerMemory(MEMORY_BOUND, GROWTH_BOUND)  # at both bounds, and above neither
LARGE = WorkerMemory(MEMORY_BOUND + 1, 0)
GROWN = WorkerMemory(0, GROWTH_BOUND + 1)


@pytest.fixture
def placement() -> Placement:
    """Two warm workers, a and b."""
    return warm_placement("a", "b")


def warm_placement(*addresses: str) -> Placement:
    placement = Placement()
    for address in addresses:
        placement.add_warm(address)
    return placement


def rest(placement: Placement, run: str, address: str, seconds: float = 0.0) -> None:
    """Have a run of some training time at rest on a worker."""
    assert placement.assign(run, SHAPE, {address}) == address
    placement.report(run, is_busy=False, seconds=seconds, obeyed=0)


# Choosing


def test_a_run_goes_to_the_worker_with_the_fewest_busy_runs(placement):
    first = placement.assign("1", SHAPE, BOTH)
    second = placement.assign("2", OTHER_SHAPE, BOTH)
    assert {first, second} == BOTH
    placement.report("1", is_busy=False, seconds=1.0, obeyed=0)
    assert placement.assign("3", Experiment(), BOTH) == first
    placement.add_command("1", "train", None)
    assert placement.choose(None, BOTH) == second


def test_a_worker_that_knows_the_shape_may_have_one_run_more(placement):
    knowing = placement.assign("1", SHAPE, BOTH)
    assert placement.assign("2", SHAPE, BOTH) == knowing  # one more than the other worker
    assert placement.assign("3", SHAPE, BOTH) != knowing  # not two


def test_a_new_shape_goes_to_the_worker_that_knows_fewest(placement):
    rest(placement, "1", "a")
    assert placement.choose(OTHER_SHAPE, BOTH) == "b"
    assert placement.choose(SHAPE, BOTH) == "a"
    placement.assign("2", OTHER_SHAPE, {"b"})
    placement.assign("3", Experiment(), {"b"})
    for run in ("2", "3"):
        placement.remove(run)
    assert placement.choose(None, BOTH) == "a"


def test_only_warm_workers_are_chosen_while_there_are_any():
    placement = warm_placement("a")
    for run in range(5):
        assert placement.assign(str(run), SHAPE, BOTH) == "a"
    assert placement.choose(SHAPE, {"b"}) == "b"


def test_a_run_that_is_assigned_again_keeps_its_seconds_and_has_no_record(placement):
    rest(placement, "run", "a", seconds=3.0)
    placement.begin_restart("a", {"run": RECORD})
    assert placement.assign("run", SHAPE, {"b"}) == "b"
    assignment = placement.get("run")
    assert (assignment.address, assignment.is_busy, assignment.seconds) == ("b", True, 3.0)
    assert assignment.record is None


def test_reports_of_a_removed_run_are_ignored(placement):
    placement.assign("run", SHAPE, BOTH)
    assert placement.remove("run").is_busy
    placement.report("run", is_busy=True, seconds=1.0, obeyed=0)
    placement.add_command("run", "train", None)
    placement.set_record("run", RECORD)
    assert placement.get("run") is None
    assert placement.remove("run") is None


# Workers that come and go


def test_runs_are_lost_with_their_worker_unless_they_can_be_trained_again(placement):
    rest(placement, "lost", "a")
    rest(placement, "stays", "b")
    placement.add_record("recorded", RECORD)
    assert placement.remove_dead({"b"}, placement.warm) == ["lost"]
    assert placement.get("lost") is None
    assert placement.get("stays").address == "b"
    assert placement.get("recorded").record is RECORD
    assert placement.warm == {"b"}


def test_a_dead_worker_knows_no_shapes_when_its_address_is_used_again(placement):
    placement.assign("1", SHAPE, {"a"})
    placement.assign("2", OTHER_SHAPE, {"a"})
    rest(placement, "3", "b")
    placement.remove_dead({"b"}, placement.warm)
    placement.add_warm("a")
    assert placement.choose(Experiment(), BOTH) == "a"  # which knows fewer than the other
    assert placement.choose(SHAPE, BOTH) == "b"


def test_a_worker_that_becomes_warm_while_the_others_are_counted_stays_warm():
    placement = warm_placement("a")
    before = placement.warm
    placement.add_warm("new")
    assert placement.remove_dead({"a"}, before) == []
    assert placement.warm == {"a", "new"}


def test_a_worker_is_asked_whether_it_is_warm_until_it_has_said_so():
    placement = warm_placement("a")
    assert placement.workers_to_ask(BOTH) == {"b"}
    assert placement.workers_to_ask(BOTH) == set()
    placement.note_answer("b", is_warm=False)
    assert placement.warm == {"a"}
    assert placement.workers_to_ask(BOTH) == {"b"}
    placement.note_answer("b", is_warm=True)
    assert placement.warm == BOTH
    assert placement.workers_to_ask(BOTH) == set()


# Replacing


@pytest.mark.parametrize("memory", [LARGE, GROWN])
def test_a_worker_that_has_grown_is_replaced_only_while_another_is_warm(memory):
    placement = warm_placement("a")
    assert placement.next_to_replace({"a": memory, "b": memory}, may_restart_idle=True) == ""
    placement.add_warm("b")
    assert placement.next_to_replace({"a": memory, "b": SMALL}, may_restart_idle=True) == "a"


def test_a_worker_within_the_bounds_stays(placement):
    assert placement.next_to_replace({"a": SMALL, "b": SMALL}, may_restart_idle=True) == ""


def test_a_cold_worker_is_not_replaced(placement):
    assert placement.next_to_replace({"c": LARGE, "a": SMALL}, may_restart_idle=True) == ""


def test_the_largest_worker_above_the_bound_goes_first(placement):
    placement.add_warm("c")
    larger = WorkerMemory(LARGE.used + 1, 0)
    assert placement.next_to_replace({"a": LARGE, "b": larger, "c": GROWN}, may_restart_idle=True) == "b"


def test_of_the_idle_workers_the_one_that_has_grown_most_goes(placement):
    most = WorkerMemory(0, GROWN.grown + 1)
    assert placement.next_to_replace({"a": GROWN, "b": most}, may_restart_idle=True) == "b"


def test_a_worker_above_the_bound_takes_no_runs_and_goes_when_nothing_trains_there(placement):
    placement.assign("run", SHAPE, {"a"})
    memory = {"a": LARGE, "b": SMALL}
    assert placement.next_to_replace(memory, may_restart_idle=False) == ""
    assert placement.choose(SHAPE, BOTH) == "b"  # although `a` knows the shape
    assert placement.workers_to_ask(BOTH) == set()
    placement.report("run", is_busy=False, seconds=100.0, obeyed=0)
    assert placement.next_to_replace({"a": SMALL, "b": LARGE}, may_restart_idle=False) == "a"  # still its turn


def test_a_worker_is_not_replaced_while_a_question_to_it_is_open(placement):
    for memory in (LARGE, GROWN):
        for _ in range(2):
            placement.add_question("a")
        placement.remove_question("a")
        assert placement.next_to_replace({"a": memory, "b": SMALL}, may_restart_idle=True) == ""
        placement.remove_question("a")
        assert placement.next_to_replace({"a": memory, "b": SMALL}, may_restart_idle=True) == "a"
        placement.end_restart()


def test_an_idle_worker_that_has_grown_goes_if_its_runs_are_soon_trained_again(placement):
    memory = {"a": GROWN, "b": SMALL}
    rest(placement, "1", "a", seconds=REPEATED_SECONDS - 1)
    rest(placement, "2", "a", seconds=2.0)
    assert placement.next_to_replace(memory, may_restart_idle=True) == ""
    placement.report("2", is_busy=True, seconds=1.0, obeyed=0)
    assert placement.next_to_replace(memory, may_restart_idle=True) == ""
    assert placement.choose(SHAPE, BOTH) == "a"  # which takes runs meanwhile
    placement.report("2", is_busy=False, seconds=1.0, obeyed=0)
    assert placement.next_to_replace(memory, may_restart_idle=False) == ""
    assert placement.next_to_replace(memory, may_restart_idle=True) == "a"


def test_one_worker_is_replaced_at_a_time(placement):
    placement.add_warm("c")
    memory = dict.fromkeys("abc", LARGE)
    first = placement.next_to_replace(memory, may_restart_idle=True)
    placement.begin_restart(first, {})
    assert first not in placement.warm
    assert placement.workers_to_ask("abc") == set()
    assert placement.next_to_replace(memory, may_restart_idle=True) == ""
    others = set("abc") - {first}
    placement.remove_dead(others, placement.warm)  # it is gone, and not back yet
    assert placement.next_to_replace(memory, may_restart_idle=True) == ""
    assert {placement.assign(run, Experiment(), others) for run in ("1", "2", "3")} == others  # both take runs
    for run in ("1", "2", "3"):
        placement.remove(run)
    placement.end_restart()
    assert placement.next_to_replace(memory, may_restart_idle=True) in others


def test_a_worker_that_dies_before_it_is_replaced_gives_its_turn_to_another(placement):
    placement.add_warm("c")
    placement.assign("run", SHAPE, {"a"})
    memory = {"a": LARGE, "b": LARGE, "c": SMALL}
    placement.add_question("b")
    assert placement.next_to_replace({"a": LARGE}, may_restart_idle=True) == ""  # its turn, but a run trains there
    assert placement.remove_dead({"b", "c"}, placement.warm) == ["run"]
    placement.remove_question("b")
    assert placement.next_to_replace(memory, may_restart_idle=True) == "b"


def test_runs_on_a_replaced_worker_go_on_from_their_records(placement):
    for run, address in (("kept", "a"), ("unknown there", "a"), ("elsewhere", "b")):
        rest(placement, run, address)
    assert not placement.has_left("kept", "a")
    assert placement.begin_restart("a", {"kept": RECORD, "of another server": RECORD}) == ["unknown there"]
    assert placement.get("kept").record is RECORD
    assert placement.get("elsewhere").record is None
    assert placement.get("of another server") is None
    assert placement.remove_dead({"b"}, placement.warm) == []
    assert placement.has_left("kept", "a")
    placement.assign("kept", SHAPE, {"b"})
    assert placement.has_left("kept", "a")
    assert not placement.has_left("kept", "b")
    assert not placement.has_left("unknown there", "a")


# Commands


def commands(placement: Placement, run: str = "run") -> list[tuple[int, str]]:
    return [(command.number, command.name) for command in placement.get(run).pending]


def test_commands_are_numbered_and_pending_until_they_are_obeyed(placement):
    placement.add_record("run", RECORD)
    placement.add_command("run", "train", None)
    assert placement.assign("run", SHAPE, {"a"}) == "a"
    placement.add_command("run", "pace", Pace(2.0))
    placement.add_command("run", "pause", None)
    assert commands(placement) == [(1, "train"), (2, "pace"), (3, "pause")]
    placement.report("run", is_busy=False, seconds=1.0, obeyed=2)
    assert commands(placement) == [(3, "pause")]
    assert placement.get("run").is_busy  # it has not obeyed all
    placement.report("run", is_busy=False, seconds=1.0, obeyed=3)
    assert commands(placement) == []
    assert not placement.get("run").is_busy
    placement.add_command("run", "stop", None)
    assert commands(placement) == [(4, "stop")]


def test_a_worker_is_replaced_only_with_records_of_all_its_runs_and_all_commands(placement):
    rest(placement, "run", "a")
    rest(placement, "other", "b")
    assert placement.is_exact("a", {"run": RECORD})
    assert not placement.is_exact("a", {"other": RECORD})
    placement.add_command("run", "change", None)
    assert not placement.is_exact("a", {"run": RECORD})  # it was sent when the worker wrote its records
    placement.report("run", is_busy=False, seconds=1.0, obeyed=1)
    assert not placement.is_exact("a", {"run": RECORD})  # it was obeyed after that
    assert placement.is_exact("a", {"run": replace(RECORD, obeyed=1)})


def test_commands_that_a_record_does_not_have_go_to_the_next_worker(placement):
    rest(placement, "run", "a")
    for name in ("change", "train"):
        placement.add_command("run", name, None)
    placement.begin_restart("a", {"run": replace(RECORD, obeyed=1)})
    placement.report("run", is_busy=False, seconds=1.0, obeyed=2)  # of the worker that is gone
    assert commands(placement) == [(2, "train")]
    assert placement.assign("run", SHAPE, {"b"}) == "b"
    assert commands(placement) == [(2, "train")]


def test_a_lost_connection_loses_the_runs_on_workers_and_keeps_those_that_wait(placement):
    rest(placement, "run", "a")
    placement.add_record("waits", RECORD)
    placement.add_command("waits", "train", None)
    placement.add_question("a")
    assert placement.remove_all() == {"run": "a"}
    assert placement.warm == set()
    assert placement.get("run") is None
    assert commands(placement, "waits") == [(1, "train")]
    placement.remove_question("a")  # its answer was lost too
    placement.add_warm("a")
    placement.add_warm("b")
    assert placement.next_to_replace({"a": LARGE, "b": SMALL}, may_restart_idle=True) == "a"


def test_the_runs_of_a_frozen_worker_are_lost_but_those_that_it_has_not_opened(placement):
    rest(placement, "run", "a")
    rest(placement, "other", "b")
    placement.add_record("opened by nobody", RECORD)
    placement.add_command("opened by nobody", "train", None)
    placement.assign("opened by nobody", SHAPE, {"a"})
    assert placement.remove_worker("a") == (["run"], ["opened by nobody"])
    assert placement.warm == {"b"}
    assert placement.get("run") is None
    assert placement.get("other").address == "b"
    assert placement.get("opened by nobody").record is RECORD
    assert commands(placement, "opened by nobody") == [(1, "train")]
    assert placement.has_left("opened by nobody", "a")


def test_a_worker_that_is_not_heard_takes_no_new_runs_while_another_can(placement):
    rest(placement, "run", "a")
    placement.set_quiet({"a"})
    assert placement.choose(SHAPE, BOTH) == "b"  # although `a` knows the shape
    assert placement.choose(SHAPE, {"a"}) == "a"
    placement.set_quiet({})
    assert placement.choose(SHAPE, BOTH) == "a"


def test_a_worker_that_is_being_replaced_takes_no_runs_even_if_the_others_are_not_heard(placement):
    assert placement.next_to_replace({"a": GROWN, "b": SMALL}, may_restart_idle=True) == "a"
    placement.set_quiet({"b"})
    assert placement.choose(None, BOTH) == "b"
    placement.begin_restart("a", {})
    assert placement.choose(None, BOTH) == "b"
    assert placement.staying(BOTH) == {"b"}
    placement.end_restart()
    assert placement.staying(BOTH) == {"b"}  # it has not ended yet
    assert placement.staying({"b", "fresh"}) == {"b", "fresh"}


def test_a_worker_that_was_killed_takes_no_runs_while_it_still_counts_as_alive(placement):
    placement.remove_worker("a")
    assert placement.staying(BOTH) == {"b"}
    placement.remove_dead({"b"}, placement.warm)
    assert placement.staying(BOTH) == BOTH  # a fresh one at the same address


def test_a_worker_that_could_not_be_replaced_takes_runs_again(placement):
    placement.begin_restart("a", {})
    placement.end_restart()
    assert placement.workers_to_ask(BOTH) == {"a"}
    placement.note_answer("a", is_warm=True)
    assert placement.staying(BOTH) == BOTH


# Portions of studies


def test_a_worker_takes_one_portion_at_a_time_and_counts_as_busy_with_it(placement):
    assert placement.takers == BOTH
    placement.add_portion("a")
    assert placement.takers == {"b"}
    assert placement.choose(SHAPE, BOTH) == "b"
    placement.remove_portion("a")
    assert placement.takers == BOTH


def test_a_worker_that_is_silent_or_about_to_be_replaced_takes_no_portion(placement):
    placement.set_quiet({"a"})
    assert placement.takers == {"b"}
    placement.set_quiet(())
    placement.add_portion("a")
    memory = {"a": LARGE, "b": SMALL}
    assert placement.next_to_replace(memory, may_restart_idle=True) == ""  # its portion is waited for
    placement.remove_portion("a")
    assert placement.takers == {"b"}
    assert placement.next_to_replace(memory, may_restart_idle=True) == "a"
    placement.begin_restart("a", {})
    placement.add_portion("b")
    assert placement.takers == set()
