# Section 4: every system answers every benchmark file, and is scored by the official rules.


rule build_benchmark_windows:
    """Windows of all files of a benchmark, each distinct text tokenized once."""
    input:
        files=lambda wildcards: [benchmark_file(*cell) for cell in cells_of_split(wildcards)],
        tokenizer=checkpoint_input(CONFIG.backbone),
    output:
        windows="<results>/windows/benchmarks/{benchmark}.{split}.arrow",
        manifest="<results>/manifests/windows.{benchmark}.{split}.json",
    log:
        "<logs>/windows/{benchmark}.{split}.log",
    benchmark:
        "<benchmarks>/windows/{benchmark}.{split}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(16_000),
        runtime=scaled_by_attempt(240),
        tokenizer=BACKBONE,  # its path; its identity is in `params`
    params:
        cells=lambda wildcards: json.dumps([cell[2:] for cell in cells_of_split(wildcards)]),
        policy=CONFIG.data.on_bad_example,
        settings=as_json(CONFIG.windows),
        tokenizer=checkpoint_identity(CONFIG.backbone),
        code=code_of("build_benchmark_windows.py"),
    message:
        "windows of {wildcards.benchmark} {wildcards.split}"
    shell:
        "stage build_benchmark_windows.py --files {input.files:q}"
        " --cells {params.cells:q} --on-bad-example {params.policy} --tokenizer {resources.tokenizer:q}"
        " --settings {params.settings:q} --dataset {wildcards.benchmark}.{wildcards.split}"
        " --target {output.windows:q} --manifest {output.manifest:q} --code {params.code}"
        " > {log:q} 2>&1"


rule answer_benchmarks:
    """One model answers all benchmarks in one job: the best span of each question, as text."""
    input:
        # The manifests of model and windows, written last, show their age.
        model=ancient("<results>/systems/{system}/seed-{seed}/model"),
        trained="<results>/systems/{system}/seed-{seed}/manifest.json",
        windows=ancient(
            [f"<results>/windows/benchmarks/{name}.{split}.arrow" for name, split in SPLITS]
        ),
        cut=[f"<results>/manifests/windows.{name}.{split}.json" for name, split in SPLITS],
        files=BENCHMARK_FILES,
        shards=shard_files(
            "prediction",
            "<results>/systems/{{system}}/seed-{{seed}}/predictions.{scatteritem}.json",
        ),
        shard_manifests=shard_files(
            "prediction",
            "<results>/systems/{{system}}/seed-{{seed}}/predictions.{scatteritem}.manifest.json",
        ),
    output:
        predictions=cell_files("<results>/systems/{system}/seed-{seed}/predictions"),
        manifest="<results>/systems/{system}/seed-{seed}/predictions.manifest.json",
    log:
        "<logs>/predict/{system}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/predict/{system}.seed-{seed}.tsv"
    conda:
        "../../environment.yml"
    threads: CONFIG.device.threads
    resources:
        mem_mb=scaled_by_attempt(16_000),
        runtime=scaled_by_attempt(480),
        gpu=gpus_unless_sharded("prediction"),
        device=CONFIG.device.kind,  # not a param: changing it reruns nothing
    params:
        benchmarks=json.dumps(SPLITS),
        decoding=as_json(CONFIG.decoding),
        code=code_of("answer_benchmarks.py"),
    message:
        "{wildcards.system} (seed {wildcards.seed}) answers every benchmark"
    shell:
        "stage answer_benchmarks.py --model {input.model:q} --windows {input.windows:q}"
        " --benchmarks {params.benchmarks:q} --decoding {params.decoding:q}"
        " --device {resources.device} --shards {input.shards:q}"
        " --shard-manifests {input.shard_manifests:q} --targets {output.predictions:q}"
        " --manifest {output.manifest:q} --code {params.code} > {log:q} 2>&1"


rule answer_benchmarks_shard:
    """One of several jobs: the answers to a part of the questions."""
    input:
        model=ancient("<results>/systems/{system}/seed-{seed}/model"),
        trained="<results>/systems/{system}/seed-{seed}/manifest.json",
        windows=ancient(
            [f"<results>/windows/benchmarks/{name}.{split}.arrow" for name, split in SPLITS]
        ),
        cut=[f"<results>/manifests/windows.{name}.{split}.json" for name, split in SPLITS],
        files=BENCHMARK_FILES,
    output:
        predictions=temp("<results>/systems/{system}/seed-{seed}/predictions.{scatteritem}.json"),
        manifest=temp(
            "<results>/systems/{system}/seed-{seed}/predictions.{scatteritem}.manifest.json"
        ),
    log:
        "<logs>/predict/{system}.seed-{seed}.{scatteritem}.log",
    benchmark:
        "<benchmarks>/predict/{system}.seed-{seed}.{scatteritem}.tsv"
    conda:
        "../../environment.yml"
    threads: CONFIG.device.threads
    resources:
        mem_mb=scaled_by_attempt(16_000),
        runtime=scaled_by_attempt(480),
        gpu=GPUS,
        device=CONFIG.device.kind,  # not a param: changing it reruns nothing
    params:
        benchmarks=json.dumps(SPLITS),
        decoding=as_json(CONFIG.decoding),
        code=code_of("answer_benchmarks.py"),
    message:
        "{wildcards.system} (seed {wildcards.seed}) answers every benchmark, {wildcards.scatteritem}"
    shell:
        "stage answer_benchmarks.py --model {input.model:q} --windows {input.windows:q}"
        " --benchmarks {params.benchmarks:q} --decoding {params.decoding:q}"
        " --device {resources.device} --shard {wildcards.scatteritem}"
        " --targets {output.predictions:q} --manifest {output.manifest:q} --code {params.code}"
        " > {log:q} 2>&1"


rule score_answers:
    """Exact match and F1 of one system, per benchmark file and per question."""
    input:
        predictions=cell_files("<results>/systems/{system}/seed-{seed}/predictions"),
        files=BENCHMARK_FILES,
    output:
        scores=cell_files("<results>/systems/{system}/seed-{seed}/scores"),
        questions="<results>/systems/{system}/seed-{seed}/scores/questions.parquet",
    log:
        "<logs>/score/{system}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/score/{system}.seed-{seed}.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8_000),
        runtime=scaled_by_attempt(120),
    params:
        metrics=json.dumps({name: b.metric for name, b in CONFIG.benchmarks.items()}),
        code=code_of("score_answers.py"),
    message:
        "score {wildcards.system} (seed {wildcards.seed}) by the official rules"
    shell:
        "stage score_answers.py --files {input.files:q} --predictions {input.predictions:q}"
        " --system {wildcards.system} --seed {wildcards.seed} --metrics {params.metrics:q}"
        " --targets {output.scores:q} --questions {output.questions:q} > {log:q} 2>&1"
