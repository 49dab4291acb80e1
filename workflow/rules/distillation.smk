# Section 3.2: one multilingual student from the language branch teachers.


def teacher_logits(system, seed):
    """The logits of a student's K teachers, in order."""
    return logits(CONFIG.systems[system].distil.teacher_runs(int(seed)))


rule distil:
    """λ1·NLL + λ2·KD (Eq. 6) on the union D, teachers weighed as the system says (Eq. 3, 7)."""
    input:
        windows=lambda wildcards: windows_of([CONFIG.systems[wildcards.system].distil.on]),
        logits=lambda wildcards: teacher_logits(wildcards.system, wildcards.seed),
        backbone=checkpoint(CONFIG.backbone),
    output:
        model=directory("<results>/systems/{system}/seed-{seed}/model"),
        metrics="<results>/systems/{system}/seed-{seed}/metrics.jsonl",
        manifest="<results>/systems/{system}/seed-{seed}/manifest.json",
    log:
        "<logs>/distil/{system}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/distil/{system}.seed-{seed}.tsv"
    wildcard_constraints:
        system=one_of(STUDENTS),
    priority: 10
    threads: lambda wildcards: CONFIG.device.threads * processes(wildcards)
    resources:
        mem_mb=growing(32_000, processes),
        runtime=growing(1440),
        gpu=lambda wildcards: GPUS * processes(wildcards),
        nodes=1,
        execution=execution,
    params:
        training=optimisation,
        distillation=lambda wildcards: settings(
            CONFIG.distillation_of(wildcards.system),
            weights=CONFIG.systems[wildcards.system].distil.weights,
        ),
        backbone=identity(CONFIG.backbone),
        code=code("distil.py"),
    message:
        "distil {wildcards.system} (seed {wildcards.seed}) from its teachers"
    shell:
        "python workflow/scripts/distil.py --windows {input.windows} --logits {input.logits}"
        " --backbone {input.backbone} --training {params.training:q}"
        " --distillation {params.distillation:q} --seed {wildcards.seed}"
        " --device {CONFIG.device.kind} --execution {resources.execution:q} --model {output.model}"
        " --metrics {output.metrics} --manifest {output.manifest} --code {params.code}"
        " > {log} 2>&1"
