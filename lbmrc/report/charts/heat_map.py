"""A matrix as colours with the values in its cells."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes


def heat_map(axes: Axes, square: pd.DataFrame, form: str, **colours: Any) -> Any:
    """Draw a matrix; ``form`` formats the values in its cells, ``colours`` goes to imshow."""
    image = axes.imshow(square.to_numpy(), **colours)
    axes.set_xticks(range(square.shape[1]), square.columns)
    axes.set_yticks(range(square.shape[0]), square.index)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for (row, column), value in np.ndenumerate(square.to_numpy()):
        red, green, blue, _ = image.cmap(image.norm(value))
        light = 0.3 * red + 0.6 * green + 0.1 * blue > 0.5
        colour = "#111111" if light else "#FFFFFF"
        text = form.format(value)
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
    return image
