"""What the service counts of itself, in the form that Prometheus reads.

The numbers are of this process; where several serve one address, each answers with its own.
"""

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from service.admission import Gate
from service.holder import EngineHolder, NotReadyError
from service.steps import REGISTRY

if TYPE_CHECKING:
    from service.request_log import Answered

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The counts of one application."""

    def __init__(self, holder: EngineHolder, gate: Gate) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "cognate_request_seconds",
            "Time from a request to the end of its answer.",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_EngineCollector(holder))
        self._registry.register(_QueueCollector(gate))

    def observe(self, answered: "Answered") -> None:
        """Count one request."""
        route = answered.route or "other"
        labels = (answered.method, route, str(answered.status))
        self._requests.labels(*labels).observe(answered.seconds)

    def to_text(self) -> bytes:
        """Write all as text."""
        return generate_latest(self._registry) + generate_latest(REGISTRY)


class _EngineCollector(Collector):
    """Reads what is known of the engine when it is asked; nothing where none is open."""

    def __init__(self, holder: EngineHolder) -> None:
        self._holder = holder

    def collect(self) -> Iterable[Metric]:
        """Give the gauges and counters of the engine that is served."""
        try:
            with self._holder.borrow() as engine:
                now = datetime.datetime.now(datetime.UTC)
                age = (now - engine.created).total_seconds()
                n_articles, kept = engine.n_articles, engine.kept_answers
        except NotReadyError:
            yield GaugeMetricFamily("cognate_ready", "Whether a snapshot is open.", 0)
            return
        yield GaugeMetricFamily("cognate_ready", "Whether a snapshot is open.", 1)
        yield GaugeMetricFamily("cognate_articles", "Articles of the snapshot.", n_articles)
        yield GaugeMetricFamily("cognate_snapshot_age_seconds", "Since it was made.", age)
        answers = CounterMetricFamily(
            "cognate_answers", "Answers of this snapshot, kept ones and others.", labels=("kept",)
        )
        answers.add_metric(("yes",), kept.n_given)
        answers.add_metric(("no",), kept.n_made)
        yield answers


class _QueueCollector(Collector):
    """Reads how many requests run and wait when it is asked, and how long who comes now would."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def collect(self) -> Iterable[Metric]:
        """Give the gauges of the queue."""
        running, waiting, wait_s = self._gate.state()
        yield GaugeMetricFamily("cognate_running", "Requests that have a turn.", running)
        yield GaugeMetricFamily("cognate_waiting", "Requests that wait for a turn.", waiting)
        yield GaugeMetricFamily(
            "cognate_expected_wait_seconds", "The wait of a request that came now.", wait_s
        )
