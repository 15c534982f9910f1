"""What the tests of a researcher's questions ask about, and what a chart says."""

MMR, MEDICAL, COVERAGE = "孕产妇死亡率", "婚前医学检查率", "适龄妇女宫颈癌人群筛查率"


def lines_of(axes):
    return [line.get_label() for line in axes.get_lines() if not line.get_label().startswith("_")]


def said_beside(axes):
    return [text.get_text() for text in axes.texts]
