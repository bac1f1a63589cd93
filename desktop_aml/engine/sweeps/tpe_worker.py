"""What Optuna does for a sweep, in a process of its own: ``python -m desktop_aml.engine.sweeps.tpe_worker``.

One JSON request a line, one JSON answer a line, until the input ends. A proposal follows from the trials that are known
and its seed alone: the same ones give the same values, also in another process. Only what is new of the trials is sent.
"""

from __future__ import annotations

import json
import math
import sys
import warnings
from collections.abc import Mapping
from functools import cache
from typing import Any

from desktop_aml.domain.sweeps.expressions import Expression, rounded
from desktop_aml.domain.sweeps.space import COMMAND, Search
from desktop_aml.engine.sweeps import gaussian
from desktop_aml.engine.sweeps.known_study import KnownStudy
from desktop_aml.system.limits import limit_memory

_STEPPED = "quniform"
_MANY = 500
_MEMORY = 8 << 30
_NAMES_TOLD = 10


def main() -> None:
    """Answer requests until there are no more."""
    quieten()
    acts = {"propose": _propose_by_news, "export": _export, "importances": _importances, "read": _read}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer: dict[str, Any] = {"answer": acts[request["act"]](request)}
        except Exception as error:  # noqa: BLE001 - the boundary of this process: whoever asked is told
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def quieten() -> None:
    """Have Optuna say nothing."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    # Multivariate sampling and the constant liar are called experimental in each release since they came.
    warnings.simplefilter("ignore")


def _propose_by_news(request: Mapping[str, Any]) -> object:
    """Return the values of the next trial, once what is new of the trials is added to what was told before."""
    _TOLD[request["known"] :] = []
    for number, one in request["news"]:
        _TOLD[number : number + 1] = [one]
    return propose({**request, "trials": _TOLD})


def propose(request: Mapping[str, Any]) -> object:
    """Return the values of the next trial, in the order of the space."""
    space = _space(request)
    if request["search"] == Search.GP:
        seed, place = request["sweep_seed"], len(request["trials"])
        return list(gaussian.propose(space, request["goal"], request["trials"], seed, place).items())
    study = _KNOWN.study_for(request)
    study.sampler = sampler = _sampler_class()(
        seed=request["seed"],
        multivariate=True,
        # What a subcommand takes is searched apart from what all trials have.
        group=COMMAND in space,
        constant_liar=True,
        warn_independent_sampling=False,
    )
    if COMMAND not in space:
        common = {name: _distribution(space[name]) for name in sorted(_KNOWN.shared or ())}
        sampler.common = {name: among for name, among in common.items() if not among.single()}
        params = study.ask({name: _distribution(one) for name, one in space.items()}).params
    else:
        trial = study.ask()
        command = trial.suggest_categorical(COMMAND, space[COMMAND].args)
        of_command = {name: one for name, one in space.items() if " " not in name or name.startswith(f"{command} ")}
        params = {name: _suggested(trial, name, _distribution(one)) for name, one in of_command.items()}
    found = [(name, _value(one, params[name])) for name, one in space.items() if name in params]
    if all(_param(space[name], value) == params[name] for name, value in found):
        _KNOWN.was_asked(found)
    else:
        # What is told of it later is another number than the study has.
        _KNOWN.forget()
    return found


@cache
def _sampler_class() -> Any:
    import optuna

    class Sampler(optuna.samplers.TPESampler):  # type: ignore[misc,unused-ignore]
        """Is told what the trials have in common: Optuna looks for it in all of them, each time."""

        common: dict[str, Any] | None = None

        def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
            found = self.common
            return dict(super().infer_relative_search_space(study, trial)) if found is None else found

    return Sampler


def _study_of(request: Mapping[str, Any]) -> Any:
    import optuna

    study = optuna.create_study(direction=request["goal"])
    _fill(study, _space(request), request)
    return study


def _suggested(trial: Any, name: str, among: Any) -> Any:
    """Return a trial's value of one argument, which other trials may not have."""
    if hasattr(among, "choices"):
        return trial.suggest_categorical(name, among.choices)
    draw = trial.suggest_int if isinstance(among.low, int) else trial.suggest_float
    step = {"step": among.step} if among.step is not None else {}
    return draw(name, among.low, among.high, log=among.log, **step)


def _importances(request: Mapping[str, Any]) -> object:
    """Return shares by argument, of the trials that lie in the present space; nothing where all came to the same."""
    import optuna

    space = _space(request)
    ended = [one for one in request["trials"] if one["state"] == "COMPLETE" and math.isfinite(one["value"])]
    whole = [one for one in ended if all(_holds(one, name, how) for name, how in space.items())]
    if len({one["value"] for one in whole}) < 2:
        return []
    study = optuna.create_study(direction=request["goal"])
    _fill(study, space, {**request, "trials": whole})
    # The forest of fANOVA takes long over many trials.
    is_many = len(whole) > _MANY
    evaluators = optuna.importance
    evaluator = evaluators.PedAnovaImportanceEvaluator() if is_many else evaluators.FanovaImportanceEvaluator(seed=0)
    found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return sorted(found.items(), key=lambda pair: -pair[1])


def _holds(trial: Mapping[str, Any], name: str, how: Expression) -> bool:
    known = dict(trial["values"])
    return name in known and _can_be_told(how) and _fits(how, known[name])


def _can_be_told(how: Expression) -> bool:
    return "normal" not in how.kind and how.kind != "qloguniform"


def _export(request: Mapping[str, Any]) -> object:
    """Write a sweep into a storage of Optuna's own; return how many trials it holds."""
    import optuna

    study = optuna.create_study(
        study_name=request["name"],
        direction=request["goal"],
        storage=f"sqlite:///{request['path']}",
    )
    _fill(study, _space(request), request)
    return len(study.trials)


def _read(request: Mapping[str, Any]) -> object:
    """Return what a storage of somebody else's holds of a study; its file is a copy."""
    import optuna

    # Nothing in a file of somebody else's takes all of the memory.
    limit_memory(_MEMORY)
    storage = optuna.storages.RDBStorage(f"sqlite:///{request['path']}")
    names = [one.study_name for one in storage.get_all_studies()]
    wanted = request["study"] or (names[0] if len(names) == 1 else "")
    if wanted not in names:
        listed = ", ".join(names[:_NAMES_TOLD]) or "none"
        raise ValueError(f"say which study is meant with --study; it holds: {listed}")
    study = optuna.load_study(study_name=wanted, storage=storage)
    if len(study.directions) != 1:
        raise ValueError("the study has several goals, and a sweep has one")
    ranges: dict[str, list[Any]] = {}
    choices: dict[str, list[Any]] = {}
    trials: Any = study.get_trials(deepcopy=False)
    for trial in trials:
        for name, one in trial.distributions.items():
            if hasattr(one, "choices"):
                choices[name] = [*choices.get(name, []), *(value for value in one.choices if _is_plain(value))]
            else:
                low, high, *_ = ranges.get(name, (one.low, one.high))
                ranges[name] = [min(low, one.low), max(high, one.high), one.step, one.log]
    return {
        "name": wanted,
        "metric": (study.metric_names or ["value"])[0],
        "goal": study.direction.name.lower(),
        "ranges": ranges,
        "choices": choices,
        "trials": [_read_trial(trial) for trial in trials],
    }


def _read_trial(trial: Any) -> dict[str, object]:
    started, ended = (one.timestamp() if one else None for one in (trial.datetime_start, trial.datetime_complete))
    return {
        "state": trial.state.name,
        "value": trial.values[0] if trial.values and trial.state.name == "COMPLETE" else None,
        "values": [[name, value if _is_plain(value) else repr(value)] for name, value in trial.params.items()],
        "intermediate": sorted(trial.intermediate_values.items()),
        "started_at": started,
        "ended_at": ended,
    }


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (bool, int, float, str))


def _space(request: Mapping[str, Any]) -> dict[str, Expression]:
    return {name: Expression(kind, tuple(args)) for name, kind, args in request["space"]}


def _fill(study: Any, space: Mapping[str, Expression], request: Mapping[str, Any]) -> None:
    study.add_trials([_frozen(space, one) for one in request["trials"]])


def _frozen(space: Mapping[str, Expression], one: Mapping[str, Any]) -> Any:
    import optuna

    values = {name: value for name, value in one["values"] if name in space and _fits(space[name], value)}
    return optuna.trial.create_trial(
        state=optuna.trial.TrialState[one["state"]],
        value=one["value"],
        params={name: _param(space[name], value) for name, value in values.items()},
        distributions={name: _distribution(space[name]) for name in values},
        user_attrs={"run_id": one["run_id"]},
    )


def _distribution(one: Expression) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    match one.kind:
        case "choice":
            return CategoricalDistribution(one.args)
        case "randint" | "seeds":
            return IntDistribution(0, int(one.args[0]) - 1)
        case "integers":
            return IntDistribution(int(one.args[0]), int(one.args[1]))
        case "quniform":
            low, high, step = (float(value) for value in one.args)
            return IntDistribution(round(low / step), round(high / step))
    low, high = (float(value) for value in one.args[:2])
    return FloatDistribution(low, high, log=one.kind == "loguniform")


def _param(one: Expression, value: Any) -> Any:
    return round(value / float(one.args[2])) if one.kind == _STEPPED else value


def _value(one: Expression, param: Any) -> Any:
    return rounded(param * float(one.args[2]), one.args[2]) if one.kind == _STEPPED else param


def _fits(one: Expression, value: Any) -> bool:
    """Whether a value of an earlier space lies in the present one; Optuna takes no other."""
    if one.kind == "choice":
        return one.place_of(value) is not None
    found = _distribution(one)
    return bool(not isinstance(value, str) and found.low <= _param(one, value) <= found.high)


_TOLD: list[Mapping[str, Any]] = []
"""The trials of the sweep that was asked for last, as they were told."""

_KNOWN = KnownStudy(_study_of, lambda request, one: _frozen(_space(request), one))

if __name__ == "__main__":
    main()
