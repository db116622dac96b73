from tortoise import migrations

class Migration(migrations.Migration):
    dependencies = [("settlement", "0007_reconciliation")]

    operations = []
