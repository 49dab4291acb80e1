# Section 3.2: one multilingual student from the language branch teachers.


rule distil_student:
    """λ1·NLL + λ2·KD (Eq. 6) on the union D, teachers weighted as configured (Eq. 3, 7)."""
    input:
        windows=lambda wildcards: window_files([CONFIG.systems[wildcards.system].distil.on]),
        logits=lambda wildcards: logit_files(teachers_of(wildcards.system, wildcards.seed)),
        backbone=checkpoint_input(CONFIG.backbone),
    output:
        model=directory("<results>/systems/{system}/seed-{seed}/model"),
        metrics="<results>/systems/{system}/seed-{seed}/metrics.jsonl",
        manifest="<results>/systems/{system}/seed-{seed}/manifest.json",
    log:
        "<logs>/distil/{system}.seed-{seed}.log",
    benchmark:
        "<benchmarks>/distil/{system}.seed-{seed}.tsv"
    wildcard_constraints:
        system=one_of(set(STUDENTS) - {*ON_DEV}),
    priority: 10
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
        distillation=lambda wildcards: distillation_settings(wildcards.system),
        # Snakemake compares inputs as a set, but a list of weights depends on the teachers' order.
        teachers=lambda wildcards: json.dumps(teachers_of(wildcards.system, wildcards.seed)),
        backbone=checkpoint_identity(CONFIG.backbone),
        code=code_of("distil_student.py"),
    message:
        "distil {wildcards.system} (seed {wildcards.seed}) from its teachers"
    shell:
        "stage distil_student.py --windows {input.windows:q} --logits {input.logits:q}"
        " --backbone {resources.backbone:q} --training {params.training:q}"
        " --distillation {params.distillation:q} --seed {wildcards.seed}"
        " --device {resources.device} --execution {resources.execution:q} --model {output.model:q}"
        " --metrics {output.metrics:q} --manifest {output.manifest:q} --code {params.code}"
        " > {log:q} 2>&1"
