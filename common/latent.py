"""Moves in the latent space: small steps, paths, and staying near its middle.

Plain NumPy, so that the light client has them too. A step turns z instead of adding to it: the
length of z stays, hence its distribution, whatever its prior.
"""

import numpy as np

QUARTER_TURN = np.pi / 2

BEND = 0.7
"""Exponent from amount to angle, measured by benchmarks/sounds/vary_distance.py.

At 0.1, 18 degrees, a variation is as far from its sound as two hits of one real drum are apart.
"""

HOWS = ("spherical", "linear")


def vary_z(z: np.ndarray, amount: float, n: int, seed: int) -> np.ndarray:
    """Return ``n`` places at one distance around z.

    ```
    z' = cos(a) z + sin(a) |z| u,    a = amount^0.7 * 90 degrees, u random, |u| = 1, u . z = 0
    ```

    Args:
        z: (latent_dim,).
        amount: 0 is z itself, 0.1 the same drum hit again, 1 another drum.
        n: how many.
        seed: of the directions u; direction i is the same whatever ``n`` and ``amount`` are.

    Returns:
        float32 (n, latent_dim).

    Raises:
        ValueError: ``amount`` is not in [0, 1].

    """
    if not 0.0 <= amount <= 1.0:
        raise ValueError(f"amount must be between 0 and 1, but is {amount:g}")
    z = np.asarray(z, np.float64)
    directions = np.random.default_rng(seed).standard_normal((n, len(z)))
    length = max(float(np.linalg.norm(z)), 1e-12)
    # Without the part along z. One dimension has no other direction: then z stays.
    directions -= (directions @ z)[:, None] * z / length**2
    sizes = np.linalg.norm(directions, axis=1, keepdims=True)
    directions *= np.where(sizes > 1e-9, length / np.maximum(sizes, 1e-9), 0.0)
    angle = amount**BEND * QUARTER_TURN
    return (np.cos(angle) * z + np.sin(angle) * directions).astype(np.float32)


def path_z(a: np.ndarray, b: np.ndarray, steps: int, how: str = "spherical") -> np.ndarray:
    """Return ``steps`` places from a to b, both included.

    Args:
        a: (latent_dim,).
        b: (latent_dim,).
        steps: at least 2.
        how: "spherical" goes along the arc, where z usually is; "linear" straight through.

    Returns:
        float32 (steps, latent_dim).

    Raises:
        ValueError: ``steps`` or ``how`` is not one of these.

    """
    if steps < 2:
        raise ValueError(f"a path has at least 2 steps, not {steps}")
    return between_z(a, b, np.linspace(0.0, 1.0, steps), how)


def between_z(a: np.ndarray, b: np.ndarray, t: np.ndarray, how: str = "spherical") -> np.ndarray:
    """Return the places that lie between a, where t is 0, and b, where t is 1.

    Args:
        a: (latent_dim,).
        b: (latent_dim,).
        t: (n,).
        how: as `path_z` takes it.

    Returns:
        float32 (n, latent_dim).

    Raises:
        ValueError: ``how`` is none of these.

    """
    if how not in HOWS:
        raise ValueError(f"how must be one of {', '.join(HOWS)}, but is {how!r}")
    start, end = (np.tile(np.asarray(place, np.float64), (len(t), 1)) for place in (a, b))
    way = slerp if how == "spherical" else lerp
    return way(start, end, np.asarray(t)[:, None]).astype(np.float32)


def truncate_z(z: np.ndarray, truncation: float) -> np.ndarray:
    """Return z drawn towards the middle of the latent space, where sounds are safer and more alike.

    Args:
        z: (..., latent_dim).
        truncation: factor of its length; 1 leaves it.

    Raises:
        ValueError: ``truncation`` is not in (0, 1].

    """
    if not 0.0 < truncation <= 1.0:
        raise ValueError(f"truncation must be above 0 and at most 1, but is {truncation:g}")
    return (np.asarray(z, np.float32) * np.float32(truncation)).astype(np.float32)


def lerp(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Interpolate linearly: a + t (b - a), for (n, d), (n, d) and (n, 1)."""
    return a + t * (b - a)


def slerp(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Interpolate along the arc, for (n, d), (n, d) and (n, 1).

    Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985, as White, "Sampling
    generative networks", 2016, uses it on latents: lengths change evenly from one end's to the
    other's.

    ```
    sin((1 - t) w) / sin(w) a + sin(t w) / sin(w) b,   w the angle between a and b
    ```
    """
    lengths = np.linalg.norm(a, axis=-1, keepdims=True) * np.linalg.norm(b, axis=-1, keepdims=True)
    cosine = np.sum(a * b, axis=-1, keepdims=True) / np.maximum(lengths, 1e-12)
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))
    sine = np.sin(angle)
    straight = sine < 1e-4
    safe = np.where(straight, 1.0, sine)
    arc = np.sin((1 - t) * angle) / safe * a + np.sin(t * angle) / safe * b
    return np.where(straight, lerp(a, b, t), arc)
