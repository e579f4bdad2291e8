"""What the book says of drills. Never the title: it is free text."""

from tocsin.book.facts import Fact, kind


@kind(
    "drill_started",
    zh="{actor}开始演练 {drill}：{alarm}，{incidents} 起，最长 {minutes} 分钟",
    en="Drill {drill} started by {actor}: {alarm}, incidents: {incidents}, at most {minutes} min",
)
class DrillStarted(Fact):
    """`only`: how many chosen people are told; 0: whom the plan says."""

    drill: int
    alarm: str
    incidents: int
    minutes: int
    only: int = 0


@kind("drill_ended", zh="{actor}结束演练 {drill}", en="Drill {drill} ended by {actor}")
class DrillEnded(Fact):
    """`closed`: how many of its incidents were still open."""

    drill: int
    closed: int = 0
