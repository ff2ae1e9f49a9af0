"""Finds the part of a picture that stands out: spectral residual saliency (Hou and Zhang, 2007)."""

import cv2
import numpy as np

SIDE = 96


def find_salient(image: np.ndarray, width: int, height: int) -> tuple[int, int]:
    """Upper left corner of the `width` x `height` window that holds the most of what stands out."""
    scale = SIDE / max(image.shape[:2])
    size = (max(8, round(image.shape[1] * scale)), max(8, round(image.shape[0] * scale)))
    gray = cv2.cvtColor(image[:, :, :3], cv2.COLOR_BGR2GRAY)
    weight = saliency_map(cv2.resize(gray, size, interpolation=cv2.INTER_AREA))
    columns = best_start(weight.sum(axis=0), width * size[0] / image.shape[1])
    rows = best_start(weight.sum(axis=1), height * size[1] / image.shape[0])
    x = min(image.shape[1] - width, round(columns * image.shape[1] / size[0]))
    y = min(image.shape[0] - height, round(rows * image.shape[0] / size[1]))
    return x, y


def saliency_map(gray: np.ndarray) -> np.ndarray:
    spectrum = np.fft.fft2(gray.astype(np.float32))
    log = np.log(np.abs(spectrum) + 1e-6).astype(np.float32)
    residual = log - cv2.blur(log, (3, 3))
    saliency = np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))) ** 2
    smooth = cv2.GaussianBlur(saliency.astype(np.float32), (0, 0), 3)
    # Edges of flat pictures ring at the border; the middle decides between equals.
    return np.maximum(smooth - np.median(smooth), 0)


def best_start(weights: np.ndarray, length: float) -> int:
    """Start of the window that weighs most; of several, the one nearest to the middle."""
    span = max(1, min(len(weights), round(length)))
    sums = np.convolve(weights, np.ones(span), mode="valid")
    middle = (len(sums) - 1) / 2
    near = np.flatnonzero(sums >= sums.max() * 0.999)
    return int(near[np.argmin(np.abs(near - middle))])
