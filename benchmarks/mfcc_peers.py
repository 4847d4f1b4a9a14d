"""MFCC by other libraries, set up for the same work: frames, Hamming window, mel bands and coefficients as in voxlite.

What differs: librosa gives decibels and centres the window in its FFT. kaldi-native-fbank's Hamming window is the
symmetric one, its triangles are straight in mel, it has no floor, and its frames are read one by one, as its
interface wants; its samples are a list made before the clock starts, which it takes faster than an array.
python_speech_features pads a last frame, rounds the corners of triangles to bins and computes in float64.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from voxlite.frontend import FrontEndConfig
from voxlite.values import FloatArray

LIBROSA = "librosa"
KALDI = "kaldi-native-fbank"
PSF = "python_speech_features"


def peers(samples: FloatArray, config: FrontEndConfig) -> dict[str, Callable[[], Any]]:
    """Return what computes the coefficients of samples, by library; those that are not installed are left out."""
    makers = {LIBROSA: _librosa, KALDI: _kaldi, PSF: _speech_features}
    found = {name: make for name, make in makers.items() if find_spec(name.replace("-", "_"))}
    return {name: make(samples, config) for name, make in found.items()}


def _librosa(samples: FloatArray, config: FrontEndConfig) -> Callable[[], Any]:
    import librosa

    return lambda: librosa.feature.mfcc(
        y=samples,
        sr=config.rate_hz,
        n_mfcc=config.coefficients,
        n_mels=config.mel_bands,
        n_fft=config.fft_size,
        win_length=config.window_samples,
        hop_length=config.hop_samples,
        window="hamming",
        center=False,
        fmin=config.low_hz,
        fmax=config.high_hz,
        htk=True,
        mel_norm=None,
        norm="ortho",
    )


def _kaldi(samples: FloatArray, config: FrontEndConfig) -> Callable[[], Any]:
    import kaldi_native_fbank as knf

    options = knf.MfccOptions()
    frames = options.frame_opts
    frames.samp_freq = config.rate_hz
    frames.frame_length_ms, frames.frame_shift_ms = 1e3 * config.window_s, 1e3 * config.hop_s
    frames.dither, frames.preemph_coeff, frames.remove_dc_offset = 0.0, 0.0, False
    frames.window_type, frames.snip_edges = "hamming", True
    options.mel_opts.num_bins = config.mel_bands
    options.mel_opts.low_freq, options.mel_opts.high_freq = config.low_hz, config.high_hz
    options.num_ceps, options.use_energy, options.cepstral_lifter = config.coefficients, False, 0.0
    numbers = samples.tolist()

    def work() -> FloatArray:
        computer = knf.OnlineMfcc(options)
        computer.accept_waveform(config.rate_hz, numbers)
        computer.input_finished()
        return np.stack([computer.get_frame(index) for index in range(computer.num_frames_ready)])

    return work


def _speech_features(samples: FloatArray, config: FrontEndConfig) -> Callable[[], Any]:
    import python_speech_features

    return lambda: python_speech_features.mfcc(
        samples,
        config.rate_hz,
        config.window_s,
        config.hop_s,
        numcep=config.coefficients,
        nfilt=config.mel_bands,
        nfft=config.fft_size,
        lowfreq=config.low_hz,
        highfreq=config.high_hz,
        preemph=0,
        ceplifter=0,
        appendEnergy=False,
        winfunc=np.hamming,
    )
