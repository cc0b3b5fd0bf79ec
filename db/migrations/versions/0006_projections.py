"""texts that can be searched, and what lists and counts need ready-made"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BATCH = 5_000


def upgrade() -> None:
    op.add_column("records", sa.Column("folded", sa.Text(), nullable=False, server_default=""))
    _fold()
    # SQLite adds only columns that it computes again whenever they are asked for, which the index then saves.
    stored = True if op.get_bind().dialect.name == "postgresql" else None
    length = sa.Column("length", sa.Integer(), sa.Computed("length(text)", persisted=stored), nullable=True)
    op.add_column("records", length)
    op.drop_index(op.f("ix_records_project_id_id"), table_name="records")
    op.create_index(
        op.f("ix_records_project_id_id_blind_hash_length"), "records", ["project_id", "id", "blind_hash", "length"]
    )
    op.add_column("queues", sa.Column("open_items", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE queues SET open_items ="
        " (SELECT count(*) FROM queue_items WHERE queue_id = queues.id AND queue_items.open)"
    )
    op.drop_index(op.f("ix_annotations_project_id_person"), table_name="annotations")
    op.create_index(
        op.f("ix_annotations_project_id_person_status_annotated_at"),
        "annotations",
        ["project_id", "person", "status", "annotated_at"],
    )
    # Filled by the first who asks: what they hold follows from the other tables.
    op.create_table(
        "projections",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("overlap", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_projections_project_id_projects")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_projections")),
    )
    op.create_table(
        "record_states",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("category", sa.String(length=255), nullable=True),
        sa.Column("tags", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("blind_category", sa.String(length=255), nullable=True),
        sa.Column("blind_tags", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("assisted_category", sa.String(length=255), nullable=True),
        sa.Column("assisted_tags", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("annotated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_record_states_project_id_projects")),
        sa.PrimaryKeyConstraint("project_id", "record_id", name=op.f("pk_record_states")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "latest_proposals",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=255), nullable=True),
        sa.Column("tags", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("on_list", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_latest_proposals_project_id_projects")),
        sa.PrimaryKeyConstraint("project_id", "record_id", "source", name=op.f("pk_latest_proposals")),
        sqlite_with_rowid=False,
    )
    for column in ("source", "stage"):
        op.create_index(
            op.f(f"ix_latest_proposals_project_id_{column}_on_list_record_id_score"),
            "latest_proposals",
            ["project_id", column, "on_list", "record_id", "score"],
        )


def _fold() -> None:
    """Fill the new column for the records that are there."""
    connection = op.get_bind()
    records = sa.table("records", sa.column("id"), sa.column("text"), sa.column("folded"))
    change = sa.update(records).where(records.c.id == sa.bindparam("record")).values(folded=sa.bindparam("words"))
    after = 0
    while True:
        query = sa.select(records.c.id, records.c.text).where(records.c.id > after).order_by(records.c.id).limit(_BATCH)
        rows = connection.execute(query).all()
        if not rows:
            return
        after = rows[-1][0]
        folded = [
            {"record": key, "words": " ".join(unicodedata.normalize("NFKC", text).casefold().split())}
            for key, text in rows
        ]
        connection.execute(change, folded)


def downgrade() -> None:
    op.drop_table("latest_proposals")
    op.drop_table("record_states")
    op.drop_table("projections")
    op.drop_index(op.f("ix_annotations_project_id_person_status_annotated_at"), table_name="annotations")
    op.create_index(op.f("ix_annotations_project_id_person"), "annotations", ["project_id", "person"])
    op.drop_column("queues", "open_items")
    op.drop_index(op.f("ix_records_project_id_id_blind_hash_length"), table_name="records")
    op.create_index(op.f("ix_records_project_id_id"), "records", ["project_id", "id"])
    op.drop_column("records", "length")
    op.drop_column("records", "folded")
