"""A few steps on two halves of a processor, which are set up before TensorFlow is used for anything else."""

import json

from tests.training.distributed.test_replicas import two_replicas

if __name__ == "__main__":
    print(json.dumps(two_replicas()))
