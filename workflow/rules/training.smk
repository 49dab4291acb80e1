# Section 3.1.2: systems trained on gold labels, including the teachers M_k, and their logits on D.
# Priorities favour the long path to the students; jobs that only answer benchmarks can wait.


rule train_system:
    """One system on gold labels (Eq. 2)."""
    input:
        windows=lambda wildcards: window_files(CONFIG.systems[wildcards.system].train),
        backbone=checkpoint_input(CONFIG.backbone),
    output:
        model=directory("<results>/systems/{system}/seed-{seed}/model"),
        metrics="<results>/systems/{system}/seed-{seed}/metrics.jsonl",
        manifest="<results>/systems/{system}/seed-{seed}/manifest.json",
    log:
        "<logs>/train/{system}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/train/{system}.seed-{seed}.tsv"
    wildcard_constraints:
        system=one_of(set(GOLD) - {*WITH_LAKM, *ON_DEV}),
    priority: 20
    conda:
        "../../environment.yml"
    threads: lambda wildcards: CONFIG.device.threads * process_count(wildcards)
    resources:
        mem_mb=scaled_by_attempt(32_000, process_count),
        runtime=scaled_by_attempt(1440),
        gpu=lambda wildcards: GPUS * process_count(wildcards),
        nodes=1,
        # Not params, since changing them reruns nothing: the backbone's path (its identity is in
        # `params`), the device, how a training is distributed and saved.
        backbone=BACKBONE,
        device=CONFIG.device.kind,
        execution=execution_settings,
    params:
        training=optimisation_settings,
        backbone=checkpoint_identity(CONFIG.backbone),
        code=code_of("train_system.py"),
    message:
        "train {wildcards.system} (seed {wildcards.seed}) on gold labels"
    shell:
        "stage train_system.py --windows {input.windows:q} --backbone {resources.backbone:q}"
        " --training {params.training:q} --seed {wildcards.seed} --device {resources.device}"
        " --execution {resources.execution:q} --model {output.model:q} --metrics {output.metrics:q}"
        " --manifest {output.manifest:q} --code {params.code} > {log:q} 2>&1"


rule dump_logits:
    """A teacher's start and end logits on every window of the union D."""
    input:
        windows=window_files(["union"]),
        # A folder's age means nothing: the manifest records what was trained when. And a model
        # that was deleted to save space is retrained only when requested.
        model=ancient("<results>/systems/{system}/seed-{seed}/model"),
        trained="<results>/systems/{system}/seed-{seed}/manifest.json",
        shards=shard_files(
            "logits", "<results>/systems/{{system}}/seed-{{seed}}/logits.{scatteritem}.parquet"
        ),
        shard_manifests=shard_files(
            "logits",
            "<results>/systems/{{system}}/seed-{{seed}}/logits.{scatteritem}.manifest.json",
        ),
    output:
        logits="<results>/systems/{system}/seed-{seed}/logits.parquet",
        manifest="<results>/systems/{system}/seed-{seed}/logits.manifest.json",
    log:
        "<logs>/logits/{system}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/logits/{system}.seed-{seed}.tsv"
    priority: 15
    conda:
        "../../environment.yml"
    threads: CONFIG.device.threads
    resources:
        mem_mb=scaled_by_attempt(32_000),
        runtime=scaled_by_attempt(480),
        gpu=gpus_unless_sharded("logits"),
        device=CONFIG.device.kind,  # not a param: changing it reruns nothing
    params:
        batch_size=CONFIG.decoding.batch_size,
        code=code_of("dump_logits.py"),
    message:
        "logits of {wildcards.system} (seed {wildcards.seed}) on the union D"
    shell:
        "stage dump_logits.py --windows {input.windows:q} --model {input.model:q}"
        " --batch-size {params.batch_size} --device {resources.device} --shards {input.shards:q}"
        " --shard-manifests {input.shard_manifests:q} --target {output.logits:q}"
        " --manifest {output.manifest:q} --code {params.code} > {log:q} 2>&1"


rule dump_logits_shard:
    """One of several jobs: the logits of a part of the windows."""
    input:
        windows=window_files(["union"]),
        model=ancient("<results>/systems/{system}/seed-{seed}/model"),
        trained="<results>/systems/{system}/seed-{seed}/manifest.json",
    output:
        logits=temp("<results>/systems/{system}/seed-{seed}/logits.{scatteritem}.parquet"),
        manifest=temp("<results>/systems/{system}/seed-{seed}/logits.{scatteritem}.manifest.json"),
    log:
        "<logs>/logits/{system}.seed-{seed}.{scatteritem}.log",
    benchmark:
        "<benchmarks>/logits/{system}.seed-{seed}.{scatteritem}.tsv"
    priority: 15
    conda:
        "../../environment.yml"
    threads: CONFIG.device.threads
    resources:
        mem_mb=scaled_by_attempt(32_000),
        runtime=scaled_by_attempt(480),
        gpu=GPUS,
        device=CONFIG.device.kind,  # not a param: changing it reruns nothing
    params:
        batch_size=CONFIG.decoding.batch_size,
        code=code_of("dump_logits.py"),
    message:
        "logits of {wildcards.system} (seed {wildcards.seed}) on the union D, {wildcards.scatteritem}"
    shell:
        "stage dump_logits.py --windows {input.windows:q} --model {input.model:q}"
        " --batch-size {params.batch_size} --device {resources.device}"
        " --shard {wildcards.scatteritem} --target {output.logits:q}"
        " --manifest {output.manifest:q} --code {params.code} > {log:q} 2>&1"
