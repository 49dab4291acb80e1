# Section 3.1.2: systems trained on gold labels, the teachers M_k among them, and their logits on D.
# Priorities put the long way to the students first; what only answers benchmarks can wait.


def windows_of(datasets):
    return expand("<results>/windows/{part}.arrow", part=CONFIG.parts(datasets))


rule train:
    """One system on gold labels (Eq. 2)."""
    input:
        windows=lambda wildcards: windows_of(CONFIG.systems[wildcards.system].train),
        backbone=checkpoint(CONFIG.backbone),
    output:
        model=directory("<results>/systems/{system}/seed-{seed}/model"),
        metrics="<results>/systems/{system}/seed-{seed}/metrics.jsonl",
        manifest="<results>/systems/{system}/seed-{seed}/manifest.json",
    log:
        "<logs>/train/{system}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/train/{system}.seed-{seed}.tsv"
    wildcard_constraints:
        system=one_of(name for name in GOLD if name not in WITH_LAKM),
    priority: 20
    threads: lambda wildcards: CONFIG.device.threads * processes(wildcards)
    resources:
        mem_mb=growing(32_000, processes),
        runtime=growing(1440),
        gpu=lambda wildcards: GPUS * processes(wildcards),
        nodes=1,
        execution=execution,
    params:
        training=optimisation,
        backbone=identity(CONFIG.backbone),
        code=code("train.py"),
    message:
        "train {wildcards.system} (seed {wildcards.seed}) on gold labels"
    shell:
        "python workflow/scripts/train.py --windows {input.windows} --backbone {input.backbone}"
        " --training {params.training:q} --seed {wildcards.seed} --device {CONFIG.device.kind}"
        " --execution {resources.execution:q} --model {output.model} --metrics {output.metrics}"
        " --manifest {output.manifest} --code {params.code} > {log} 2>&1"


rule teacher_logits:
    """A teacher's start and end logits on every window of the union D."""
    input:
        windows=windows_of(["union"]),
        model=ancient("<results>/systems/{system}/seed-{seed}/model"),
        trained="<results>/systems/{system}/seed-{seed}/manifest.json",
    output:
        logits="<results>/systems/{system}/seed-{seed}/logits.parquet",
        manifest="<results>/systems/{system}/seed-{seed}/logits.manifest.json",
    log:
        "<logs>/logits/{system}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/logits/{system}.seed-{seed}.tsv"
    priority: 15
    threads: CONFIG.device.threads
    resources:
        mem_mb=growing(32_000),
        runtime=growing(480),
        gpu=GPUS,
    params:
        batch_size=CONFIG.decoding.batch_size,
        code=code("logits.py"),
    message:
        "logits of {wildcards.system} (seed {wildcards.seed}) on the union D"
    shell:
        "python workflow/scripts/logits.py --windows {input.windows} --model {input.model}"
        " --batch-size {params.batch_size} --device {CONFIG.device.kind} --target {output.logits}"
        " --manifest {output.manifest} --code {params.code} > {log} 2>&1"
