"""Equations 1-7 of the paper once more, in plain numpy, written from its text alone.

One window at a time, float64, no padding: z is a vector of L logits. The library's batched and
masked functions are held against these.
"""

import numpy as np


def softmax(z, tau=1.0):
    """Equation 1: p = softmax(z / tau)."""
    exponentials = np.exp(z / tau - np.max(z / tau))
    return exponentials / exponentials.sum()


def one_hot(position, length):
    return np.eye(length)[position]


def nll(windows):
    """Equations 2 and 5; windows of (z_start, z_end, start, end)."""
    total = 0.0
    for z_start, z_end, start, end in windows:
        total += one_hot(start, len(z_start)) @ np.log(softmax(z_start))
        total += one_hot(end, len(z_end)) @ np.log(softmax(z_end))
    return -total / len(windows)


def soft_logits(w, z):
    """Equation 3; K weights and K vectors of logits."""
    return sum(w_k * z_k for w_k, z_k in zip(w, z, strict=True))


def kd(windows, tau):
    """Equation 4, tau^2 on both terms; windows of (z_start, z_end, z_stu_start, z_stu_end)."""
    total = 0.0
    for z_start, z_end, student_start, student_end in windows:
        total += softmax(z_start, tau) @ np.log(softmax(student_start, tau))
        total += softmax(z_end, tau) @ np.log(softmax(student_end, tau))
    return -total / len(windows) * tau**2


def entropy(z):
    """I of Equation 7."""
    p = softmax(z)
    return -(p @ np.log(p))


def weights_as_printed(z):
    """Equation 7 as printed; K vectors of logits -> K weights."""
    exponentials = np.array([np.exp(entropy(z_k)) for z_k in z])
    return exponentials / exponentials.sum()


def weights_confident(z):
    """Equation 7 with the sign that its text states: a low impurity is confidence."""
    exponentials = np.array([np.exp(-entropy(z_k)) for z_k in z])
    return exponentials / exponentials.sum()
