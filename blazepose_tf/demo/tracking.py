"""A tracker as the demo uses it: a list of people whatever their number, other models by key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from blazepose_tf.draw import draw_label, draw_pose
from blazepose_tf.image import Image
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.default_models import find_default_model, model_folders
from blazepose_tf.runtime.result import PoseResult
from blazepose_tf.runtime.timing import TrackerStatistics
from blazepose_tf.runtime.tracker import FindPeople, PoseTracker

PATTERN = "pose_landmark_*.tflite"


@dataclass(frozen=True)
class Choices:
    """What the command line says about tracking and drawing; models as paths or npm names."""

    landmark: str | None = None
    detector: str | None = None
    people: int = 1
    smoothing: bool = True
    threads: int = 1
    backend: str = "auto"
    roi: bool = False


class Tracking:
    """Finds and draws people. models: landmark files at hand, the chosen one and those in dist/."""

    def __init__(self, choices: Choices) -> None:
        """Load the models.

        Raises:
            BadInputError: a model is missing, damaged or of another kind.
        """
        self._choices = choices
        chosen = choices.landmark and find_model(choices.landmark)
        self.model: Path = chosen or find_default_model("pose_landmark_lite")
        detector = choices.detector and find_model(choices.detector)
        self._tracker = self._load(detector or find_default_model("pose_detector"))
        # Loaded once: a change of the landmark model keeps it.
        self._detector = self._tracker.detector
        found = [path for folder in model_folders() for path in sorted(folder.glob(PATTERN))]
        others = {path.resolve(): path for path in found}
        others.pop(self.model.resolve(), None)
        self.models = [self.model, *others.values()]

    def _load(self, detector: Path | FindPeople) -> PoseTracker:
        choices = self._choices
        return PoseTracker(
            self.model, detector, max_people=choices.people, smoothing=choices.smoothing,
            threads=choices.threads, backend=choices.backend,
        )  # fmt: skip

    def next_model(self) -> None:
        """Take the next landmark file at hand; tracking starts anew."""
        self.model = self.models[(self.models.index(self.model) + 1) % len(self.models)]
        self._tracker = self._load(self._detector)

    @property
    def statistics(self) -> TrackerStatistics:
        """Of the tracker in use."""
        return self._tracker.statistics

    def process(self, image: Image, timestamp_s: float) -> list[PoseResult]:
        """Everybody in the next frame, ordered by id."""
        found = self._tracker.process(image, timestamp_s)
        return [found] if isinstance(found, PoseResult) else found or []

    def draw(self, image: Image, people: list[PoseResult]) -> Image:
        """The frame with all skeletons, and with numbers where several people are followed."""
        for person in people:
            roi = person.roi if self._choices.roi else None
            image = draw_pose(image, person.landmarks, person.visibility, roi=roi)
            if self._choices.people > 1:
                image = draw_label(image, person.landmarks, str(person.id))
        return image
