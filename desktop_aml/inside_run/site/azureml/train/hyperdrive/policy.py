"""When a trial is stopped early. An interval is one report of the primary metric."""

from azureml.train.hyperdrive.exceptions import HyperDriveConfigException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class EarlyTerminationPolicy(object):
    """A rule that ends trials which do badly.

    Parameters
    ----------
    evaluation_interval : int
        After every so many reports of the metric the rule looks at a trial.
    delay_evaluation : int
        Not before so many reports.
    """

    POLICY_NAME = ""
    _kind = ""
    """What the workspace calls the rule; empty for what is no rule by itself."""

    def __init__(
        self,
        name: str,
        evaluation_interval: int = 1,
        delay_evaluation: int = 0,
        properties: "dict[str, Any] | None" = None,
    ) -> None:
        self._name = name
        self._evaluation_interval = _whole("evaluation_interval", evaluation_interval, 1)
        self._delay_evaluation = _whole("delay_evaluation", delay_evaluation, 0)
        self._properties = properties or {}

    @property
    def evaluation_interval(self) -> int:
        """After how many reports the rule looks at a trial."""
        return self._evaluation_interval

    @property
    def delay_evaluation(self) -> int:
        """Before how many reports it does not."""
        return self._delay_evaluation

    def to_json(self) -> "dict[str, Any]":
        """Return the rule as Azure ML writes it down."""
        known = {"evaluation_interval": self._evaluation_interval, "delay_evaluation": self._delay_evaluation}
        known.update(self._properties)
        return {"name": self._name, "properties": known}

    def _rule(self) -> "dict[str, Any] | None":
        """Return the rule as the workspace takes it, or None."""
        if not self._kind:
            raise HyperDriveConfigException(
                "{} is no rule by itself: use BanditPolicy, MedianStoppingPolicy or TruncationSelectionPolicy.".format(
                    type(self).__name__
                )
            )
        rule = {"kind": self._kind, "every": self._evaluation_interval, "delay": self._delay_evaluation}
        rule.update(self._values())
        return rule

    def _values(self) -> "dict[str, Any]":
        return {}


class BanditPolicy(EarlyTerminationPolicy):
    """Stop a trial whose best value is further from the best of all than the slack."""

    POLICY_NAME = "Bandit"
    _kind = "bandit"

    def __init__(
        self,
        evaluation_interval: int = 1,
        slack_factor: "float | None" = None,
        slack_amount: "float | None" = None,
        delay_evaluation: int = 0,
    ) -> None:
        if (slack_factor is None) == (slack_amount is None):
            raise HyperDriveConfigException("BanditPolicy takes slack_factor or slack_amount, exactly one of them.")
        slack = slack_factor if slack_amount is None else slack_amount
        if isinstance(slack, bool) or not isinstance(slack, (int, float)) or not slack >= 0:
            raise HyperDriveConfigException("The slack of BanditPolicy must be a number of at least 0.")
        name = "slack_factor" if slack_amount is None else "slack_amount"
        super(BanditPolicy, self).__init__(self.POLICY_NAME, evaluation_interval, delay_evaluation, {name: slack})
        self._slack_factor, self._slack_amount = slack_factor, slack_amount

    @property
    def slack_factor(self) -> "float | None":
        """How much worse a trial may be, as a part of the best value."""
        return self._slack_factor

    @property
    def slack_amount(self) -> "float | None":
        """How much worse a trial may be, as an amount."""
        return self._slack_amount

    def _values(self) -> "dict[str, Any]":
        return {"slack_factor": self._slack_factor, "slack_amount": self._slack_amount}


class MedianStoppingPolicy(EarlyTerminationPolicy):
    """Stop a trial whose best value is worse than the median of the running averages of all."""

    POLICY_NAME = "MedianStopping"
    _kind = "median"

    def __init__(self, evaluation_interval: int = 1, delay_evaluation: int = 0) -> None:
        super(MedianStoppingPolicy, self).__init__(self.POLICY_NAME, evaluation_interval, delay_evaluation)


class TruncationSelectionPolicy(EarlyTerminationPolicy):
    """Stop the lowest part of the trials, compared at the same interval."""

    POLICY_NAME = "TruncationSelection"
    _kind = "truncation"

    def __init__(
        self,
        truncation_percentage: int,
        evaluation_interval: int = 1,
        delay_evaluation: int = 0,
        exclude_finished_jobs: bool = False,
    ) -> None:
        percentage = _whole("truncation_percentage", truncation_percentage, 1)
        if percentage > 99:
            raise HyperDriveConfigException("truncation_percentage must be from 1 to 99.")
        known = {"truncation_percentage": percentage}
        super(TruncationSelectionPolicy, self).__init__(self.POLICY_NAME, evaluation_interval, delay_evaluation, known)
        self._percentage = percentage

    @property
    def truncation_percentage(self) -> int:
        """How many of a hundred trials go."""
        return self._percentage

    def _values(self) -> "dict[str, Any]":
        return {"percentage": self._percentage}


class NoTerminationPolicy(EarlyTerminationPolicy):
    """Stop no trial early."""

    POLICY_NAME = "Default"

    def __init__(self) -> None:
        super(NoTerminationPolicy, self).__init__(self.POLICY_NAME)

    def _rule(self) -> None:
        return None


def _whole(name: str, value: "Any", least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise HyperDriveConfigException("{} must be a whole number of at least {}.".format(name, least))
    return value
