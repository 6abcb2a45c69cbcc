"""Runs inside the client's venv (see `mediapipe_client`): MediaPipe, NumPy and nothing of ours.

Argument: a JSON object with `bundle`, `frames` (npz, arrays `<clip>_<frame>`), `clips` (frames of
each), `mode`, `milliseconds`, `answers` (npz to write).
"""

import json
import sys

import numpy as np


def main() -> None:
    import mediapipe as mp  # in the client's venv, and there alone
    from mediapipe.tasks.python import BaseOptions, vision

    request = json.loads(sys.argv[1])
    video = request["mode"] == "video"
    options = vision.PoseLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=request["bundle"]),
        running_mode=vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE,
        output_segmentation_masks=True,
    )
    answers = {}
    landmarker = vision.PoseLandmarker.create_from_options(options)
    with np.load(request["frames"]) as frames:
        for clip, count in enumerate(request["clips"]):
            if video and clip:  # another clip, another person: forget the last one
                landmarker.close()
                landmarker = vision.PoseLandmarker.create_from_options(options)
            for number in range(count):
                frame = frames[f"{clip}_{number}"]
                image = mp.Image(image_format=mp.ImageFormat.SRGB, data=frame)
                if video:
                    result = landmarker.detect_for_video(image, number * request["milliseconds"])
                else:
                    result = landmarker.detect(image)
            if result.pose_landmarks:
                answers[f"{clip}_landmarks"] = np.array(
                    [[p.x, p.y, p.z, p.visibility, p.presence] for p in result.pose_landmarks[0]],
                    np.float32,
                )
                world = [[p.x, p.y, p.z] for p in result.pose_world_landmarks[0]]
                answers[f"{clip}_world"] = np.array(world, np.float32)
                mask = result.segmentation_masks[0].numpy_view()
                answers[f"{clip}_mask"] = np.array(mask, np.float32).reshape(frame.shape[:2])
    landmarker.close()
    np.savez(request["answers"], **answers)


if __name__ == "__main__":
    main()
